/* SPDX-License-Identifier: ISC
 *
 * postern-passwd: make a login, give it another password, or take it away.
 *
 *	tty	asks for the password, twice, without showing it
 *	fd 0	with -s: the password, one line
 *	fd 1	with -l the names; with -n the line
 *	fd 2	what is wrong
 *	writes	control/logins
 *	starts	nothing
 *	exit	0 done; 100 the call or the password is wrong, or no such name;
 *		111 try later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "admin/loginfile.h"
#include "control/logins.h"
#include "net/password.h"
#include "sys/log.h"

enum { ROOM = LIMIT_CONTROL_FILE + 2 * LIMIT_CONTROL_LINE };

static const char usage[] =
	"usage: postern passwd [-c crypt|scram] [-n] [-s] NAME\n"
	"       postern passwd -d NAME\n"
	"       postern passwd -l\n"
	"  -c METHOD    scram (default), or crypt: a hash of crypt(3)\n"
	"  -d           take the login away\n"
	"  -l           list the names\n"
	"  -n           write the line to standard output, not to the file\n"
	"  -s, --stdin  read the password from standard input\n";

static struct {
	bool crypt;
	bool remove;
	bool list;
	bool print;
	bool from_stdin;
	struct span name;
} wish;

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	stop = number;
}

_Noreturn static void
misused(const char *why)
{
	fprintf(stderr, "postern passwd: %s\n%s", why, usage);
	exit(DIE_SETUP);
}

static void
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"stdin", no_argument, NULL, 's' },
		{ "help",   no_argument, NULL, 'h' },
		{ 0     },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "c:dlns", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (c == '?')
			misused("there is no such option");
		if (c == 'c' && strcmp(optarg, "crypt") != 0 &&
			strcmp(optarg, "scram") != 0)
			misused("-c is crypt or scram");
		wish.crypt |= c == 'c' && *optarg == 'c';
		wish.remove |= c == 'd';
		wish.list |= c == 'l';
		wish.print |= c == 'n';
		wish.from_stdin |= c == 's';
	}
	if (argc - optind != !wish.list)
		misused(wish.list ? "-l takes no name"
				  : "say for which name; a password never "
				    "stands on the command line");
	if (wish.list)
		return;
	wish.name = span_of(argv[optind]);
	if (!verifier_name(wish.name))
		misused("not a name for a login: visible ASCII without : \" [ "
			"] \\ and the comma");
}

/* Reads a line without its end. Returns 0, or -1 at the end, at a signal, or
 * when it is too long. */
static int
read_line(int fd, struct buf *out)
{
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\n')
			return out->over ? -1 : 0;
		buf_char(out, c);
	}
	return out->len && !out->over && !stop ? 0 : -1;
}

/* Asks on the terminal without echo; it is as before afterwards, also after
 * a signal. */
static int
ask(int tty, const char *question, struct buf *out)
{
	const struct sigaction leave = { .sa_handler = on_signal };
	struct termios before;
	struct termios quiet;
	int result;

	sigaction(SIGINT, &leave, NULL);
	sigaction(SIGTERM, &leave, NULL);
	sigaction(SIGHUP, &leave, NULL);
	if (tcgetattr(tty, &before) == -1)
		die_errno(DIE_SETUP, "ask for a password (use -s)");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(tty, "%s", question);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	result = read_line(tty, out);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	if (stop)
		exit(DIE_LATER);
	return result;
}

static void
read_password(struct buf *out)
{
	char room[PASSWORD_MAX + 2];
	struct buf again = BUF(room);
	bool same;
	int tty;

	if (wish.from_stdin) {
		if (read_line(STDIN_FILENO, out) == -1)
			die(DIE_SETUP,
				"read a password from standard input: "
				"one line of up to %d octets",
				PASSWORD_MAX);
		return;
	}
	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty == -1)
		die(DIE_SETUP, "ask for a password: no terminal; use -s");
	if (ask(tty, "Password: ", out) == -1 ||
		ask(tty, "Once more: ", &again) == -1)
		die(DIE_SETUP, "read a password: one line of up to %d octets",
			PASSWORD_MAX);
	same = span_eq(buf_text(out), buf_text(&again));
	explicit_bzero(room, sizeof room);
	close(tty);
	if (!same)
		die(DIE_SETUP, "take it: the two are not the same");
}

static void
make_verifier(struct buf *out, bool crypt)
{
	char room[PASSWORD_MAX + 2];
	struct buf password = BUF(room);
	int result;

	read_password(&password);
	if (!password_valid(buf_text(&password)))
		die(DIE_SETUP,
			"take it: a password is 1 to %d octets of "
			"UTF-8 without control characters",
			PASSWORD_MAX);
	result = (crypt ? password_crypt : password_scram)(
		out, buf_text(&password));
	explicit_bzero(room, sizeof room);
	if (result == -1)
		die_errno(DIE_LATER, "make the verifier");
}

/* For the first line of a new file: a password that nobody knows. */
static void
make_nobody(struct buf *out)
{
	static const char letters[] = "0123456789abcdef";
	unsigned char chance[32];
	char room[2 * sizeof chance];
	struct buf password = BUF(room);

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		die_errno(DIE_LATER, "get random bytes");
	for (size_t i = 0; i < sizeof chance; i++) {
		buf_char(&password, letters[chance[i] >> 4]);
		buf_char(&password, letters[chance[i] & 15]);
	}
	buf_char(out, '!');
	if (password_scram(out, buf_text(&password)) == -1)
		die_errno(DIE_LATER, "make a verifier");
}

static void
change(struct span verifier)
{
	static char room[ROOM];
	char nobody_room[VERIFIER_MAX];
	struct buf nobody = BUF(nobody_room);
	struct buf out = BUF(room);
	struct loginfile file;
	int changed;

	if (loginfile_open(&file) == -1)
		die_errno(DIE_SETUP, "read control/logins");
	if (file.length == 0)
		make_nobody(&nobody);
	changed = loginfile_edit(&out,
		(struct span){ file.length ? file.text : "", file.length },
		wish.name, verifier, buf_text(&nobody));
	if (changed == -1)
		die(DIE_SETUP, "write control/logins: over 1 MiB; keep the "
			       "rest in logins.cdb");
	if (changed == 0)
		die(DIE_SETUP, "find %.*s in control/logins", (int)wish.name.n,
			wish.name.p);
	if (loginfile_write(&file, buf_text(&out)) == -1)
		die_errno(DIE_LATER, "write control/logins");
	loginfile_close(&file);
	explicit_bzero(room, sizeof room);
}

/* The names and what they have, from both files. */
static void
list(void)
{
	struct control c;
	struct logins_table table;
	struct verifier verifier;
	struct span entry;
	struct span name;
	struct span text;

	if (control_open(&c) == -1 || logins_open(&c, &table) == -1)
		die(DIE_SETUP, "read the logins: %s", control_error(&c));
	while (control_next(&table.list, &entry)) {
		const char *why = verifier_entry(entry, &name, &text);

		if (why)
			die(DIE_SETUP, "read control/logins:%u: %s",
				table.list.line, why);
		(void)verifier_parse(text, &verifier);
		printf("%.*s\t%s%s\n", (int)name.n, name.p,
			verifier.scram ? "scram" : "crypt",
			verifier.locked ? "\tlocked" : "");
	}
	logins_close(&table);
	if (c.cdb[CONTROL_LOGINS])
		fputs("and those of logins.cdb, which is asked, too\n", stderr);
}

static void
keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
		setrlimit(RLIMIT_CORE, &none) == -1)
		die_errno(DIE_LATER, "keep from dumping core");
}

int
main(int argc, char **argv)
{
	char room[VERIFIER_MAX];
	struct buf verifier = BUF(room);

	/* Learn. */
	log_program("postern-passwd");
	read_options(argc, argv);
	keep_secrets();

	/* Work. */
	if (wish.list) {
		list();
	} else {
		if (!wish.remove)
			make_verifier(&verifier, wish.crypt);
		if (wish.print && !wish.remove)
			printf("%.*s: %.*s\n", (int)wish.name.n, wish.name.p,
				(int)verifier.len, verifier.p);
		else
			change(buf_text(&verifier));
	}

	/* Leave. */
	if (fflush(stdout) == EOF)
		die_errno(DIE_LATER, "say what was done");
	return 0;
}
