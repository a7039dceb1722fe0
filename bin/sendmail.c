/* SPDX-License-Identifier: ISC
 *
 * postern-sendmail: the command everybody knows: take a message from a
 * program of this machine. Also mailq and newaliases, by the name it is
 * started with.
 *
 *	fd 0      the message; with -bs the caller's SMTP
 *	fd 1      replies of -bs, what -v shows
 *	fd 2      what went wrong, in words; syslog too where nobody looks
 *	reads     control/defaulthost, where it may
 *	asks      POSTERN_SUBMIT TMPDIR LOGNAME; who the user is
 *	talks to  the submit service, /run/postern/submit
 *	starts    postern-smtpd, where there is no service and the queue may be
 *	          written; becomes postern-list for -bp, postern-change for -q
 *	exit      of <sysexits.h>: 0 the message is durable, 75 a later try may
 *	          work, and what postern-sendmail(8) lists */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "pure/ascii.h"
#include "pure/clean.h"
#include "pure/param.h"
#include "pure/xtext.h"
#include "smtp/author.h"
#include "smtp/submit.h"
#include "sys/home.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/stdfd.h"

/* Accepted for what other sendmails do with it; nothing comes of it here. */
#define IGNORED "AGILUdehmnp"

struct options {
	int (*run)(char **args);
	bool extract;
	bool dots;
	bool verbose;
	bool literal; /* -- stood before the recipients */
	struct author author;
	bool eight_bit;
	struct span ret;
	char notify[32];
	char envid[LIMIT_ENVID + 1];
};

static struct options options;
static struct people people;
static struct draft draft;
static struct submit submit;
static bool unread; /* nobody looks at fd 2 */

/* --- words ---------------------------------------------------------------- */

/* Who calls us from a service often throws our words away. */
static void
log_unsent(int code, const char *why)
{
	char text[LIMIT_LOG_LINE];
	struct buf line = BUF(text);

	buf_str(&line, "unsent exit=");
	buf_number(&line, (uint64_t)(unsigned)code);
	buf_str(&line, " client=\"uid ");
	buf_number(&line, getuid());
	buf_str(&line, "\" reason=");
	log_escape(&line, span_of(why));
	openlog("postern-sendmail", LOG_PID, LOG_MAIL);
	syslog(LOG_ERR, "%.*s", (int)line.len, line.p);
}

__attribute__((format(printf, 2, 3))) static int
fail(int code, const char *format, ...)
{
	char text[1500];
	char shown[4 * sizeof text];
	struct buf out = BUF(shown);
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	/* a remote party's words are among them, cleaned (pure/reply.h);
	 * an argument may be anything */
	for (char *p = text; *p; p++)
		if (ascii_control(*p))
			*p = '?';
	clean_text(&out, span_of(text)); /* terminals obey UTF-8, too */
	fprintf(stderr, "sendmail: %.*s\n", (int)out.len, shown);
	if (unread)
		log_unsent(code, text);
	return code;
}

/* --- -bp, -bi, -q --------------------------------------------------------- */

/* May this user see, and change, what is queued? */
static bool
owns_queue(char queue[LIMIT_PATH])
{
	return home_queue(queue) &&
	       faccessat(AT_FDCWD, queue, R_OK | X_OK, AT_EACCESS) == 0;
}

/* Becomes another program of ours. Returns only when it cannot. */
static int
become(const char *name, char *const argv[])
{
	char path[LIMIT_PATH];

	(void)jail_close(JAIL_POSTERN, NULL);
	if (home_program(path, name))
		execve(path, argv, environ);
	return fail(EX_OSFILE, "cannot start postern-%s: %s", name,
		strerror(errno));
}

static int
show_queue(char **args)
{
	static char *argv[] = { "list", NULL };

	(void)args;
	return become("list", argv);
}

/* Tries the queue now. It is no fault where the caller may not: what is due is
 * tried without him. */
static int
wake(char **args)
{
	static char *argv[] = { "retry", "-y", "--all", NULL };
	char queue[LIMIT_PATH];

	(void)args;
	return owns_queue(queue) ? become("change", argv) : EX_OK;
}

static int
make_aliases(char **args)
{
	char control[LIMIT_PATH];

	(void)args;
	if (!home_control(control))
		return fail(EX_CONFIG, "POSTERN_HOME: %s", strerror(errno));
	printf("%s/aliases is read for every message: there is nothing to "
	       "make anew.\nA large one can be compiled: postern-cdb "
	       "aliases FILE\n",
		control);
	return EX_OK;
}

/* --- -bs ------------------------------------------------------------------ */

static int
speak(char **args)
{
	(void)args;
	(void)jail_close(JAIL_POSTERN, NULL);
	if (submit_through(&submit, STDIN_FILENO, STDOUT_FILENO, environ) == -1)
		return fail(submit.code, "%s", submit.why);
	return EX_OK;
}

/* --- a message ------------------------------------------------------------ */

/* Adds the recipients that an argument names. Returns EX_OK or fails. */
static int
add_argument(const char *text)
{
	static const struct address_rules rules = { true, true };
	struct rcptlist list = { .len = 0 };
	struct span in = span_of(text);
	enum rcptlist_verdict verdict;
	struct address a;

	if (text[0] == '-' && !options.literal)
		return fail(EX_USAGE,
			"%s: an option behind a recipient; a recipient that "
			"begins with - needs -- before it",
			text);
	for (const char *p = text; *p; p++)
		if (ascii_control(*p))
			return fail(EX_DATAERR,
				"a control character in a recipient: %s", text);
	for (;;) {
		bool end = !in.n;

		verdict = end ? rcptlist_end(&list) : rcptlist_feed(&list, &in);
		if (verdict == RCPTLIST_BAD)
			return fail(EX_DATAERR, "%s: %s", text, list.why);
		if (verdict == RCPTLIST_MORE && end)
			return EX_OK;
		if (verdict == RCPTLIST_MORE)
			continue;
		if (rcptlist_address(&list, &rules, &a) != ADDRESS_OK)
			return fail(EX_DATAERR, "%.*s: not an address",
				(int)list.len, list.text);
		if (people_add(&people, address_text(&a)) == -1)
			return fail(EX_DATAERR, "too many recipients");
	}
}

static int
add_arguments(char **args)
{
	int code = EX_OK;

	for (; *args && code == EX_OK; args++) {
		if (strcmp(*args, "--") == 0 && !options.literal)
			options.literal = true;
		else
			code = add_argument(*args);
	}
	if (code == EX_OK && !people.count && !options.extract)
		return fail(EX_USAGE, "no recipients: name them behind the "
				      "options, or use -t");
	return code;
}

/* Reads the message. */
static int
read_message(void)
{
	const struct draft_wish wish = { options.extract, options.dots };
	const struct rcptlist *list = &draft.head.list;

	switch (draft_read(&draft, STDIN_FILENO, &wish, &people)) {
	case DRAFT_READY:
		break;
	case DRAFT_READ:
		return fail(EX_IOERR, "cannot read the message: %s",
			strerror(errno));
	case DRAFT_STORE:
		return fail(EX_TEMPFAIL, "cannot keep the message: %s",
			strerror(errno));
	case DRAFT_FIELD:
		return fail(EX_DATAERR, "the field %.*s cannot be read: %s",
			(int)draft.head.name_len, draft.head.name, list->why);
	case DRAFT_ADDRESS:
		return fail(EX_DATAERR, "%.*s: not an address", (int)list->len,
			list->text);
	case DRAFT_CROWD:
		return fail(EX_DATAERR, "too many recipients");
	}
	return people.count ? EX_OK
			    : fail(EX_USAGE, "no recipients in the message");
}

/* Sends it over the connection that is open. */
static int
send_message(void)
{
	static struct signature signature;
	struct submission how = { .notify = span_of(options.notify),
		.ret = options.ret,
		.envid = span_of(options.envid),
		.eight_bit = options.eight_bit };

	if (author_sign(&options.author, span_of(submit.host), &draft,
		    &signature) == -1)
		return fail(EX_TEMPFAIL, "cannot keep the message: %s",
			strerror(errno));
	how.host = span_of(signature.host);
	how.sender = span_of(signature.sender);
	if (submit_send(&submit, &how, &people, &draft) == 0)
		return EX_OK;
	if (submit.taken)
		return fail(submit.code,
			"%s; of %zu recipients the first %zu have it",
			submit.why, people.count, submit.taken);
	return fail(submit.code, "%s", submit.why);
}

/* Reads the message, in the jail; or, for who may have to start a service,
 * in front of it. A user can do nothing about a kernel that has none: the
 * services speak of that. */
static int
prepare(char **args, bool starts)
{
	int code = add_arguments(args);

	if (code != EX_OK)
		return code;
	author_learn(&options.author);
	(void)jail_close(starts ? JAIL_POSTERN : JAIL_SENDMAIL, NULL);
	return read_message();
}

static int
take_message(char **args)
{
	bool starts = submit_starts(&submit);
	int code = prepare(args, starts);

	if (code != EX_OK)
		return code;
	if (submit_open(&submit, environ) == -1) {
		code = fail(submit.code, "%s", submit.why);
	} else {
		if (starts && !submit.pid)
			(void)jail_close(JAIL_SENDMAIL, NULL);
		code = send_message();
	}
	if (code == EX_OK && options.verbose)
		printf("%.*s\n", (int)submit_reply(&submit).n,
			submit_reply(&submit).p);
	submit_close(&submit);
	return code;
}

/* --- options -------------------------------------------------------------- */

/* Refused, because who passes them would be misled, or means harm. */
static const struct {
	char letter;
	const char *why;
} refused[] = {
	{'C',  "there is no other configuration"},
	{ 'D', "there is no debug file"         },
	{ 'X', "no traffic is written to files" },
};

static const struct {
	char letter;
	int (*run)(char **args);
} modes[] = {
	{'m',  take_message},
	{ 's', speak       },
	{ 'p', show_queue  },
	{ 'i', make_aliases},
};

static _Noreturn void
usage(const char *why)
{
	exit(fail(EX_USAGE,
		"%s; usage: sendmail [-t] [-i] [-f sender] [-F name] "
		"[-N notify] [-R full|hdrs] [-V envid] [recipient]...",
		why));
}

static void
set_mode(const char *letter)
{
	for (size_t i = 0; i < LEN(modes); i++) {
		if (letter[0] == modes[i].letter && !letter[1]) {
			options.run = modes[i].run;
			return;
		}
	}
	usage("-b: only m, s, p and i are known here (postern-listen is the "
	      "daemon)");
}

/* -f and -r: one address, or none. */
static void
set_sender(const char *text)
{
	static const struct address_rules rules = { true, true };
	struct rcptlist list = { .len = 0 };
	struct span in = span_of(text);

	options.author.given = true;
	options.author.sender = (struct address){ .len = 0 };
	for (size_t i = 0; i < in.n; i++)
		if (ascii_control(in.p[i]))
			usage("-f: a control character");
	if (!in.n || span_eq(in, SPAN("<>")))
		return;
	if (rcptlist_feed(&list, &in) != RCPTLIST_MORE ||
		rcptlist_end(&list) != RCPTLIST_MAILBOX ||
		rcptlist_address(&list, &rules, &options.author.sender) !=
			ADDRESS_OK)
		exit(fail(EX_DATAERR, "-f %s: not an address", text));
}

static void
set_name(const char *text)
{
	for (const char *p = text; *p; p++)
		if (ascii_control(*p))
			usage("-F: a control character");
	options.author.name = span_of(text);
}

/* -N never, or a list of success, failure and delay (RFC 3461 4.1). */
static void
set_notify(const char *text)
{
	struct buf out = BUF(options.notify);

	for (const char *p = text; *p; p++)
		buf_char(&out, ascii_lower(*p) == *p && ascii_alpha(*p)
				       ? (char)(*p - 'a' + 'A')
				       : *p);
	buf_cstr(&out);
	if (out.over || !param_notify_valid(buf_text(&out)))
		usage("-N: never, or of success,failure,delay");
}

static void
set_ret(const char *text)
{
	if (span_eq_nocase(span_of(text), SPAN("full")))
		options.ret = SPAN("FULL");
	else if (span_eq_nocase(span_of(text), SPAN("hdrs")))
		options.ret = SPAN("HDRS");
	else
		usage("-R: full or hdrs");
}

static void
set_envid(const char *text)
{
	struct buf out = BUF(options.envid);

	xtext_encode(&out, span_of(text));
	buf_cstr(&out);
	if (out.over || !param_envid_valid(buf_text(&out)))
		usage("-V: at most 100 visible characters");
}

static void
set_body(const char *text)
{
	options.eight_bit = span_eq_nocase(span_of(text), SPAN("8BITMIME"));
	if (!options.eight_bit && !span_eq_nocase(span_of(text), SPAN("7BIT")))
		usage("-B: 7BIT or 8BITMIME");
}

static void
set_option(int letter)
{
	switch (letter) {
	case 'b':
		set_mode(optarg);
		break;
	case 'f':
	case 'r':
		set_sender(optarg);
		break;
	case 'i':
		options.dots = false;
		break;
	case 'o': /* of sendmail's own options one matters */
		options.dots &= optarg[0] != 'i';
		break;
	case 'O':
		options.dots &= !span_begins_nocase(
			span_of(optarg), SPAN("IgnoreDots"));
		break;
	case 'q':
		options.run = wake;
		break;
	case 't':
		options.extract = true;
		break;
	case 'v':
		options.verbose = true;
		break;
	case 'B':
		set_body(optarg);
		break;
	case 'F':
		set_name(optarg);
		break;
	case 'N':
		set_notify(optarg);
		break;
	case 'R':
		set_ret(optarg);
		break;
	case 'V':
		set_envid(optarg);
		break;
	default:
		if (!strchr(IGNORED, letter))
			usage("an option that is none");
	}
}

static void
refuse(int letter)
{
	char why[100];

	for (size_t i = 0; i < LEN(refused); i++) {
		if (refused[i].letter != letter)
			continue;
		snprintf(why, sizeof why, "-%c: %s", letter, refused[i].why);
		usage(why);
	}
}

/* clang-format off */
static int
next_option(int argc, char **argv)
{
	return getopt(argc, argv, "+A:B:C:D:F:GIL:N:O:R:UV:X:b:d::e:f:h:imno:p:q::r:tv");
}
/* clang-format on */

/* The name it is started by says what it is. */
static void
read_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	options.run = take_message;
	if (name && strcmp(name, "mailq") == 0)
		options.run = show_queue;
	if (name && strcmp(name, "newaliases") == 0)
		options.run = make_aliases;
}

int
main(int argc, char **argv)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	int letter;

	/* Learn. */
	if (stdfd_fill() == -1)
		return EX_NOINPUT;
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGCHLD, &usual, NULL);
	unread = !isatty(STDERR_FILENO) && !getenv("POSTERN_HOME");
	options.dots = true;
	read_name(argc ? argv[0] : NULL);
	opterr = 0;
	while ((letter = next_option(argc, argv)) != -1) {
		refuse(letter);
		set_option(letter);
	}
	options.literal = optind > 1 && optind <= argc &&
			  strcmp(argv[optind - 1], "--") == 0;

	/* Work. */
	return options.run(argv + optind);
}
