/* SPDX-License-Identifier: ISC
 *
 * postern-oauth2: keep access tokens fresh with which postern-remote logs in
 * at Microsoft 365, Gmail and others (XOAUTH2, OAUTHBEARER).
 *
 *	fd 0    an address or a refresh token, when `setup` asks for one
 *	fd 1    what to do in a browser; the state of accounts; never a token
 *	fd 2    the log
 *	reads   control/oauth2, and the clients' secrets that it names
 *	writes  ACCOUNT.token, ACCOUNT.refresh and ACCOUNT.lock in
 *		/var/lib/postern-oauth2, as that directory's owner when root
 *		starts it; with `setup PROVIDER`, control/oauth2
 *	asks    the providers' endpoints, by HTTPS
 *	starts  nothing
 *	exit    0 done, or nothing to do; 1 from `status`: an account is not
 *		well; 100 a person must do something; 111 a later try may work
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "admin/enrol.h"
#include "admin/entry.h"
#include "admin/tokens.h"
#include "net/consent.h"
#include "pure/age.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/log.h"
#include "sys/screen.h"

enum { OPTION_JSON = 1, OPTION_HELP, NOT_WELL = 1, DAY = 86400 };

#define USAGE                                                                  \
	"usage: postern oauth2 setup ACCOUNT\n"                                \
	"       postern oauth2 setup PROVIDER SETTING=VALUE ... [NAME]\n"      \
	"       postern oauth2 refresh [ACCOUNT]\n"                            \
	"       postern oauth2 status [--json]\n"                              \
	"  PROVIDER       microsoft, google, or other\n"                       \
	"  SETTING=VALUE  as in control/oauth2: client= user= tenant= "        \
	"secret= ...\n"                                                        \
	"  --json         as JSON"

static struct control control;
static struct oauth2 *accounts;
static struct vault vault;
static struct grant grant;
static bool as_json;

static uint64_t
now_is(void)
{
	return (uint64_t)(clock_wall_us() / 1000000);
}

static int
complain(const char *why)
{
	fprintf(stderr, "postern oauth2: %s\n", why);
	return DIE_SETUP;
}

/* --- learn --- */

static int
open_accounts(void)
{
	if (control_open(&control) == 0)
		accounts = oauth2_open(&control);
	if (accounts)
		return 0;
	log_reason(LOG_LEVEL_ERROR, "config", control_error(&control));
	return DIE_SETUP;
}

/* Root is the owner of the files from here on. */
static int
open_vault(void)
{
	bool create = geteuid() != 0 || getenv("POSTERN_HOME");
	char path[LIMIT_PATH];

	if (home_oauth2(path) && vault_open(&vault, path, create) == 0)
		return 0;
	fprintf(stderr, "postern oauth2: cannot open %s: %s\n", path,
		strerror(errno));
	if (errno == EACCES || errno == EPERM)
		return complain("its owner and root may: try sudo");
	return complain("systemd-tmpfiles --create makes it; INSTALL, step 4");
}

/* When the control file was changed last. */
static uint64_t
changed(void)
{
	struct stat st;

	return control.dir != -1 && fstatat(control.dir, "oauth2", &st, 0) == 0
		       ? (uint64_t)st.st_mtime
		       : 0;
}

/* --- refresh --- */

static void
log_result(enum grant_result result)
{
	static struct log log;
	uint64_t now = now_is();

	if (result == GRANT_FRESH || result == GRANT_WAITING)
		return;
	if (result == GRANT_DONE) {
		log_begin(&log, LOG_LEVEL_INFO, "token");
		log_text(&log, "account", grant.account->name);
		log_number(&log, "seconds",
			grant.token.expires > now ? grant.token.expires - now
						  : 0);
	} else {
		log_begin(&log,
			result == GRANT_SETUP ? LOG_LEVEL_ERROR
					      : LOG_LEVEL_WARNING,
			"no-token");
		log_text(&log, "account", grant.account->name);
	}
	if (grant.why[0])
		log_text(&log, "reason", span_of(grant.why));
	log_write(&log);
}

/* Once a day in the days before a refresh token ends. */
static void
warn_of_end(void)
{
	static struct log log;
	uint64_t now = now_is();
	int64_t days = token_ends(&grant.token, now, grant.account->warn);

	if (days < 0 ||
		(grant.token.warned <= now && now - grant.token.warned < DAY))
		return;
	log_begin(&log, LOG_LEVEL_WARNING, "login-ends");
	log_text(&log, "account", grant.account->name);
	log_number(&log, "days", (uint64_t)days);
	log_write(&log);
	grant_warned(&grant, now);
}

/* The worst of two exit codes: a person is needed before anything else. */
static int
worse(int code, enum grant_result result)
{
	if (code == DIE_SETUP || result == GRANT_SETUP)
		return DIE_SETUP;
	return result == GRANT_FRESH || result == GRANT_DONE ? code : DIE_LATER;
}

static int
refresh_one(const struct oauth2_account *account, bool force, int code)
{
	enum grant_result result = GRANT_LATER;

	if (grant_look(&grant, account, &vault) == 0)
		result = grant_refresh(&grant, force, changed());
	log_result(result);
	warn_of_end();
	code = worse(code, result);
	grant_close(&grant);
	return code;
}

static const struct oauth2_account *
account_named(const char *name)
{
	const struct oauth2_account *a = oauth2_find(accounts, span_of(name));

	if (!a)
		fprintf(stderr,
			"postern oauth2: no account %s in control/oauth2; "
			"`postern oauth2 status` lists them, and `postern "
			"oauth2 setup PROVIDER ...` makes one\n",
			name);
	return a;
}

static int
do_refresh(int argc, char **argv)
{
	const struct oauth2_account *a;
	int code = 0;

	if (argc > 1)
		return entry_misused("oauth2", "one account, or none");
	a = argc ? account_named(argv[0]) : oauth2_at(accounts, 0);
	if (!a && argc)
		return DIE_SETUP;
	if (!a)
		return 0;
	code = open_vault();
	if (code || argc)
		return code ? code : refresh_one(a, true, 0);
	for (size_t i = 0; (a = oauth2_at(accounts, i)) != NULL; i++)
		code = refresh_one(a, false, code);
	return code;
}

/* --- status --- */

static int
do_status(int argc, char **argv)
{
	int ill;

	(void)argv;
	if (argc)
		return entry_misused("oauth2", "status takes no words");
	if (open_vault() != 0)
		return DIE_SETUP;
	screen_begin();
	ill = tokens_print(accounts, &vault, now_is(), as_json);
	if (ill == -1)
		return complain(strerror(errno));
	if (screen_end() == -1)
		return DIE_LATER;
	return ill ? NOT_WELL : 0;
}

/* --- setup --- */

static void
show_code(void *ctx, struct span uri, struct span code, uint64_t seconds)
{
	(void)ctx;
	screen_str("Open   ");
	screen_text(uri);
	screen_str("\nin a browser, on any machine, and type the code\n\n"
		   "       ");
	screen_ink(INK_BOLD);
	screen_text(code);
	screen_ink(INK_PLAIN);
	screen_str("\n\nIt is good for ");
	screen_age((int64_t)seconds);
	screen_str(". Waiting for you to log in there ...\n");
	screen_flush();
}

/* Reads a line that the terminal does not show. Returns false at the end of
 * the input. */
static bool
read_unseen(char *line, size_t cap)
{
	struct termios was;
	bool terminal = tcgetattr(STDIN_FILENO, &was) == 0;
	struct termios silent = was;
	bool got;

	/* as getpass(3): ^C would leave the terminal blind */
	silent.c_lflag &= (tcflag_t) ~(unsigned)(ECHO | ISIG);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	got = fgets(line, (int)cap, stdin) != NULL;
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	line[got ? strcspn(line, "\r\n") : 0] = '\0';
	return got;
}

static enum grant_result
setup_by_code(char *line, size_t cap)
{
	char text[4 * LIMIT_CONTROL_LINE];
	struct buf address = BUF(text);
	struct consent_code code;
	enum grant_result result;

	if (consent_address(&grant, &code, &address) == -1)
		return GRANT_SETUP;
	screen_str("Open this address in a browser, on any machine, and log "
		   "in:\n\n");
	screen_text(buf_text(&address));
	screen_str("\n\nAt the end the browser finds nothing at "
		   "http://localhost; that is as it should\nbe. Copy the "
		   "address it shows then, and paste it here: ");
	screen_flush();
	if (!fgets(line, (int)cap, stdin))
		line[0] = '\0';
	result = consent_address_came(&grant, &code, span_of(line));
	explicit_bzero(&code, sizeof code);
	return result;
}

static enum grant_result
get_consent(void)
{
	static char line[LIMIT_TOKEN + 2];
	enum grant_result result = GRANT_SETUP;

	switch (grant.account->grant) {
	case OAUTH2_BY_DEVICE:
		return consent_device(&grant, show_code, NULL);
	case OAUTH2_BY_CODE:
		result = setup_by_code(line, sizeof line);
		break;
	case OAUTH2_BY_REFRESH:
		screen_str("Paste the refresh token; it is not shown: ");
		screen_flush();
		if (read_unseen(line, sizeof line)) {
			screen_line();
			result = consent_token_came(&grant, span_of(line));
		}
		break;
	default:
		return grant_refresh(&grant, true, 0);
	}
	explicit_bzero(line, sizeof line);
	return result;
}

/* What is left to do. */
static void
show_next(const struct oauth2_account *a)
{
	const char *smarthost = enrol_smarthost(a);
	struct span user = a->says[OAUTH2_USER];
	uint64_t now = now_is();

	screen_text(a->name);
	screen_str(" has an access token, good for ");
	screen_age((int64_t)(grant.token.expires - now));
	screen_str(". It is kept fresh by\n"
		   "    systemctl enable --now postern-oauth2.timer\n"
		   "and used by a line in control/authremote such as\n    ");
	screen_str(smarthost ? smarthost : "[SMARTHOST]:587");
	screen_str(": ");
	screen_text(user.n ? user : SPAN("ADDRESS"));
	screen_str(" oauth2:");
	screen_text(a->name);
	screen_line();
}

static int
setup_account(const struct oauth2_account *account)
{
	enum grant_result result = GRANT_LATER;
	int code = open_vault();

	if (code)
		return code;
	if (grant_look(&grant, account, &vault) == 0)
		result = get_consent();
	if (result == GRANT_DONE)
		show_next(account);
	else
		complain(grant.why);
	code = worse(0, result);
	grant_close(&grant);
	return screen_end() == -1 && code == 0 ? DIE_LATER : code;
}

/* Makes the line, unless it is there already. */
static int
enrol(struct enrolment *e, int argc, char **argv)
{
	const char *why = enrol_parse(e, argc, argv);
	char path[LIMIT_PATH];

	if (why) {
		fprintf(stderr, "postern oauth2: %s\n", why);
		return entry_misused("oauth2", "no account was made");
	}
	if (oauth2_find(accounts, e->account.name)) {
		fprintf(stderr,
			"postern oauth2: control/oauth2 has an account %.*s; "
			"log in for it without settings, or give the new one "
			"another name, as the last word\n",
			(int)e->account.name.n, e->account.name.p);
		return DIE_SETUP;
	}
	if (!home_control(path))
		return complain(strerror(errno));
	if (enrol_write(e, &control) == 0) {
		printf("%s/oauth2 has a new line:\n    %.*s\n\n", path,
			(int)e->line.len, e->line.p);
		return 0;
	}
	fprintf(stderr, "postern oauth2: cannot write %s/oauth2: %s\n", path,
		strerror(errno));
	printf("Add this line to it, and then: postern oauth2 setup "
	       "%.*s\n    %.*s\n",
		(int)e->account.name.n, e->account.name.p, (int)e->line.len,
		e->line.p);
	return DIE_SETUP;
}

static int
do_setup(int argc, char **argv)
{
	static struct enrolment e;
	const struct oauth2_account *a;
	int code;

	if (argc == 0)
		return entry_misused("oauth2", "setup of which account?");
	screen_begin();
	setvbuf(stdin, NULL, _IONBF, 0); /* it may be a secret */
	a = argc == 1 ? oauth2_find(accounts, span_of(argv[0])) : NULL;
	if (a)
		return setup_account(a);
	if (!oauth2_is_provider(span_of(argv[0]))) {
		account_named(argv[0]);
		return DIE_SETUP;
	}
	code = enrol(&e, argc, argv);
	return code ? code : setup_account(&e.account);
}

/* --- the whole --- */

static const struct action {
	const char *name;
	int (*run)(int argc, char **argv);
} actions[] = {
	{"refresh", do_refresh},
	{ "setup",  do_setup  },
	{ "status", do_status },
};

/* Returns -1, or the exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, OPTION_JSON },
		{ "help",  no_argument, NULL, OPTION_HELP },
		{ 0    },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_HELP)
			return puts(USAGE) == EOF ? DIE_LATER : 0;
		if (c == '?')
			return entry_misused(
				"oauth2", "there is no such option");
		as_json = true;
	}
	return optind < argc ? -1 : entry_misused("oauth2", "do what?");
}

/* Nobody looks into a process that holds tokens. */
static void
close_ourselves(void)
{
	const struct rlimit none = { 0, 0 };

	signal(SIGPIPE, SIG_IGN);
	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
		prctl(PR_SET_DUMPABLE, 0) == -1)
		die_errno(DIE_LATER, "forbid core dumps");
	if (https_begin() == -1)
		die(DIE_LATER, "start libcurl");
	oauth_begin();
}

int
main(int argc, char **argv)
{
	int code;

	log_program("postern-oauth2");
	code = read_options(argc, argv);
	if (code != -1)
		return code;
	close_ourselves();
	code = open_accounts();
	if (code)
		return code;
	for (size_t i = 0; i < LEN(actions); i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].run(
				argc - optind - 1, argv + optind + 1);
	return entry_misused("oauth2", "there are setup, refresh and status");
}
