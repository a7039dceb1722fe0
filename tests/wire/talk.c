/* SPDX-License-Identifier: ISC
 *
 * talk: play transcripts against a program that speaks on fd 0 and 1.
 *
 *	talk [-w] PROGRAM FILE...      -w: only as written
 *
 * A file holds cases. Every case runs three times in a world of its own
 * (POSTERN_HOME): as written; byte by byte, each byte taken by the program
 * before the next is sent; and in pieces of uneven size. Results are TAP.
 *
 *	# ...                comment
 *	--- TITLE            a new case; lines before the first hold for all
 *	control NAME LINE    add LINE to control/NAME ({} is the world)
 *	file PATH LINE       add LINE to a file of the world, made executable
 *	env NAME=VALUE       environment of the program
 *	option -X            an option of the program
 *	ways whole|all       which ways to run this case (default all)
 *	early TEXT           bytes that wait for the program before it starts
 *	C: TEXT              send TEXT and CR LF
 *	c: TEXT              send TEXT alone
 *	S: GLOB              the next line must match; * is anything
 *	R: GLOB              the next reply, of any lines; its last must match
 *	EOF                  the connection must end here
 *	shut                 end our sending side
 *	hang                 close the connection
 *	term                 send SIGTERM to the program
 *	queue N              N messages are in the queue at the end
 *	stored TEXT          a queue file holds TEXT
 *	unstored TEXT        no queue file holds TEXT
 *	unlogged GLOB        the program wrote no such line on fd 2
 *	exit N               exit code of the program (default 0)
 *	logged GLOB          the program wrote such a line on fd 2
 *
 * In TEXT: \r \n \t \0 \\ \xHH, \{N TEXT} is TEXT N times, \| ends a write.
 * C: and c: lines up to the next S:, EOF ... go in one write. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pure/ascii.h"
#include "pure/buf.h"
#include "sys/clock.h"

enum { PATIENCE = 90000, WORD = 512 };
enum way { WHOLE, BYTES, PIECES, WAYS };

static const char *const way_name[WAYS] = { "whole", "bytes", "pieces" };

struct play {
	const char *program;
	char option[8]; /* empty: none */
	enum way way;
	char world[64];
	int fd;  /* ours; -1 when closed */
	int log; /* what the program says on fd 2 */
	pid_t pid;
	char in[65536]; /* what the program said and was not matched yet */
	size_t in_len;
	char wrong[1024]; /* empty while all is well */
	char *env[64];
	size_t envs;
	char env_text[64][WORD];
};

static char out[4 << 20]; /* bytes of one write */
static size_t cuts[4096]; /* where \| stood in it */
static size_t out_len;
static size_t cut_count;
static unsigned done;
static bool failed;

__attribute__((format(printf, 2, 3))) static void
wrong(struct play *p, const char *format, ...)
{
	va_list args;

	if (p->wrong[0])
		return;
	va_start(args, format);
	vsnprintf(p->wrong, sizeof p->wrong, format, args);
	va_end(args);
}

static void
put(char c)
{
	if (out_len == sizeof out)
		abort();
	out[out_len++] = c;
}

/* Where the brace that began before `text` is closed. */
static size_t
closing(struct span text)
{
	unsigned depth = 1;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '{' && i > 0 && text.p[i - 1] == '\\')
			depth++;
		if (text.p[i] == '}' && --depth == 0)
			return i;
	}
	return text.n;
}

/* Appends TEXT with its escapes resolved. */
static void
unescape(struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c != '\\' || i + 1 == text.n) {
			put(c);
			continue;
		}
		switch (c = text.p[++i]) {
		case 'r':
			put('\r');
			break;
		case 'n':
			put('\n');
			break;
		case 't':
			put('\t');
			break;
		case '0':
			put('\0');
			break;
		case 'x':
			if (i + 2 >= text.n)
				abort();
			put((char)(ascii_hex(text.p[i + 1]) * 16 +
				   ascii_hex(text.p[i + 2])));
			i += 2;
			break;
		case '|':
			if (cut_count < LEN(cuts))
				cuts[cut_count++] = out_len;
			break;
		case '{': {
			struct span rest = span_from(text, i + 1);
			size_t end = closing(rest);
			size_t gap = span_find(rest, ' ');
			uint64_t times;

			if (gap >= end ||
				span_number(span_head(rest, gap), &times) != 0)
				abort();
			while (times--)
				unescape((struct span){
					rest.p + gap + 1, end - gap - 1 });
			i += end + 1;
			break;
		}
		default:
			put(c);
		}
	}
}

/* True when text matches a pattern whose only special sign is *. */
static bool
matches(struct span pattern, struct span text)
{
	while (pattern.n && pattern.p[0] != '*') {
		if (!text.n || text.p[0] != pattern.p[0])
			return false;
		pattern = span_from(pattern, 1);
		text = span_from(text, 1);
	}
	if (!pattern.n)
		return !text.n;
	for (size_t i = 0; i <= text.n; i++)
		if (matches(span_from(pattern, 1), span_from(text, i)))
			return true;
	return false;
}

/* Waits until the program has read all that was sent, so that the pieces of
 * a split are pieces to it as well. */
static void
wait_taken(const struct play *p)
{
	int64_t until = clock_ms() + 200;
	int left;

	while (ioctl(p->fd, SIOCOUTQ, &left) == 0 && left > 0 &&
		clock_ms() < until)
		usleep(20);
}

static void
send_piece(struct play *p, const char *from, size_t n)
{
	while (n) {
		struct pollfd ready = { .fd = p->fd,
			.events = POLLOUT | POLLIN };
		ssize_t put_n;

		if (poll(&ready, 1, PATIENCE) != 1) {
			wrong(p, "the program reads nothing");
			return;
		}
		if (ready.revents & POLLIN && p->in_len < sizeof p->in) {
			ssize_t got = read(p->fd, p->in + p->in_len,
				sizeof p->in - p->in_len);

			if (got > 0)
				p->in_len += (size_t)got;
		}
		put_n = send(p->fd, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put_n == -1 && errno == EAGAIN)
			continue;
		if (put_n == -1) /* it has closed: the S: lines decide */
			return;
		from += put_n;
		n -= (size_t)put_n;
	}
}

/* Sends what C: and c: lines have gathered. */
static void
flush_out(struct play *p)
{
	size_t at = 0;
	unsigned step = 0;
	size_t cut = 0;

	while (at < out_len && p->fd != -1) {
		size_t n = out_len - at;

		if (p->way == BYTES && n > 1 && out_len < 4096)
			n = 1;
		else if (p->way != WHOLE && n > 1) {
			size_t piece = 1 + (step * step * 31 + 17) % 97;

			if (out_len > 20000)
				piece *= 101;
			n = piece < n ? piece : n;
		}
		if (cut < cut_count && cuts[cut] > at && cuts[cut] < at + n)
			n = cuts[cut] - at;
		while (cut < cut_count && cuts[cut] <= at + n)
			cut++;
		send_piece(p, out + at, n);
		at += n;
		step++;
		if (at < out_len)
			wait_taken(p);
	}
	out_len = 0;
	cut_count = 0;
}

/* Reads more of what the program says. Returns false at the end. */
static bool
read_more(struct play *p)
{
	struct pollfd ready = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	if (p->fd == -1 || p->in_len == sizeof p->in)
		return false;
	if (poll(&ready, 1, PATIENCE) != 1) {
		wrong(p, "the program says nothing");
		return false;
	}
	n = read(p->fd, p->in + p->in_len, sizeof p->in - p->in_len);
	if (n <= 0)
		return false;
	p->in_len += (size_t)n;
	return true;
}

/* Takes the next line off what the program says; false at the end. */
static bool
take_line(struct play *p, char *to, struct span *line)
{
	size_t end;

	flush_out(p);
	while ((end = span_find((struct span){ p->in, p->in_len }, '\n')) ==
		p->in_len)
		if (!read_more(p))
			return false;
	memcpy(to, p->in, end);
	*line = (struct span){ to, end };
	if (end && to[end - 1] == '\r')
		line->n--;
	else
		wrong(p, "line without CR");
	if (line->n > 510)
		wrong(p, "line of %zu octets", line->n + 2);
	p->in_len -= end + 1;
	memmove(p->in, p->in + end + 1, p->in_len);
	return true;
}

/* With `reply` the lines of a reply before its last are passed over. */
static void
expect_line(struct play *p, struct span pattern, bool reply)
{
	static char text[sizeof p->in];
	struct span line;

	do {
		if (!take_line(p, text, &line)) {
			wrong(p, "wanted `%.*s', connection ended",
				(int)pattern.n, pattern.p);
			return;
		}
	} while (reply && line.n > 3 && line.p[3] == '-');
	if (!matches(pattern, line))
		wrong(p, "wanted `%.*s', got `%.*s'", (int)pattern.n, pattern.p,
			(int)line.n, line.p);
}

static void
expect_end(struct play *p)
{
	flush_out(p);
	while (p->in_len == 0 && read_more(p))
		;
	if (p->in_len)
		wrong(p, "wanted the end, got `%.*s'", (int)p->in_len, p->in);
}

static void
hang_up(struct play *p, bool shut_only)
{
	flush_out(p);
	if (p->fd == -1)
		return;
	if (shut_only) {
		shutdown(p->fd, SHUT_WR);
		return;
	}
	close(p->fd);
	p->fd = -1;
}

static void
add_line(const char *world, struct span path, struct span text, mode_t mode)
{
	char name[WORD];
	FILE *file;

	snprintf(name, sizeof name, "%s/%.*s", world, (int)path.n, path.p);
	file = fopen(name, "a");
	if (!file)
		abort();
	while (text.n) {
		size_t at = span_find(text, '{');

		if (at + 1 < text.n && text.p[at + 1] == '}') {
			fprintf(file, "%.*s%s", (int)at, text.p, world);
			text = span_from(text, at + 2);
			continue;
		}
		at = at < text.n ? at + 1 : at;
		fwrite(text.p, 1, at, file);
		text = span_from(text, at);
	}
	fputc('\n', file);
	fchmod(fileno(file), mode);
	fclose(file);
}

/* Sets NAME=VALUE, in place of an older one; NAME= alone too. */
static void
add_env(struct play *p, const char *name, struct span value)
{
	char text[WORD];
	size_t len;
	size_t i = 0;

	snprintf(text, sizeof text, "%s%.*s", name, (int)value.n, value.p);
	len = span_find(span_of(text), '=') + 1;
	while (i < p->envs && strncmp(p->env_text[i], text, len) != 0)
		i++;
	if (i + 1 >= LEN(p->env))
		abort();
	memcpy(p->env_text[i], text, sizeof text);
	p->env[i] = p->env_text[i];
	p->envs += i == p->envs;
}

/* The word up to a space; *rest gets what follows. */
static struct span
word(struct span line, struct span *rest)
{
	size_t end = span_find(line, ' ');

	*rest = span_from(line, end + 1);
	return span_head(line, end);
}

static void
begin(struct play *p)
{
	int pair[2];
	char path[WORD];

	if (p->pid)
		return;
	snprintf(path, sizeof path, "%s/log", p->world);
	p->log = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 ||
		p->log == -1)
		abort();
	if (out_len && send(pair[0], out, out_len, 0) == -1)
		abort();
	out_len = 0;
	p->pid = fork();
	if (p->pid == -1)
		abort();
	if (p->pid == 0) {
		char *argv[] = { (char *)(uintptr_t)p->program,
			p->option[0] ? p->option : NULL, NULL };

		dup2(pair[1], 0);
		dup2(pair[1], 1);
		dup2(p->log, 2);
		execve(argv[0], argv, p->env);
		_exit(127);
	}
	close(pair[1]);
	p->fd = pair[0];
}

/* Waits for the program and checks how it left. */
static void
end(struct play *p, int wanted)
{
	int64_t until = clock_ms() + PATIENCE;
	int status;

	begin(p);
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
	while (waitpid(p->pid, &status, WNOHANG) == 0) {
		if (clock_ms() > until) {
			wrong(p, "the program does not end");
			kill(p->pid, SIGKILL);
			waitpid(p->pid, &status, 0);
			return;
		}
		usleep(500);
	}
	if (!WIFEXITED(status))
		wrong(p, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != wanted)
		wrong(p, "exit code %d, wanted %d", WEXITSTATUS(status),
			wanted);
}

/* Looks through new/ of the queue: how many files, and does one hold text? */
static unsigned
look(const struct play *p, const char *text, size_t n, bool *found)
{
	static char file[8 << 20];
	char path[WORD];
	unsigned count = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "%s/queue/new", p->world);
	dir = opendir(path);
	*found = false;
	while (dir && (entry = readdir(dir)) != NULL) {
		int fd;
		ssize_t got;
		size_t len = 0;

		if (entry->d_name[0] == '.')
			continue;
		count++;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		while ((got = read(fd, file + len, sizeof file - len)) > 0)
			len += (size_t)got;
		close(fd);
		*found |= n && memmem(file, len, text, n) != NULL;
	}
	if (dir)
		closedir(dir);
	return count;
}

static void
check_log(struct play *p, struct span pattern, bool wanted)
{
	static char log[1 << 16];
	ssize_t n = pread(p->log, log, sizeof log, 0);
	struct span rest = { log, n > 0 ? (size_t)n : 0 };

	while (rest.n) {
		size_t at = span_find(rest, '\n');

		if (matches(pattern, span_head(rest, at))) {
			if (!wanted)
				wrong(p, "logged: `%.*s'", (int)at, rest.p);
			return;
		}
		rest = span_from(rest, at + 1);
	}
	if (wanted)
		wrong(p, "no such line logged: `%.*s'", (int)pattern.n,
			pattern.p);
}

/* What is looked at after the program has left. */
static void
check(struct play *p, struct span verb, struct span rest)
{
	uint64_t wanted;
	unsigned count;
	bool found;

	if (span_eq(verb, SPAN("logged"))) {
		check_log(p, rest, true);
	} else if (span_eq(verb, SPAN("unlogged"))) {
		check_log(p, rest, false);
	} else if (span_eq(verb, SPAN("queue"))) {
		count = look(p, "", 0, &found);
		if (span_number(rest, &wanted) != 0)
			abort();
		if (count != wanted)
			wrong(p, "%u messages in the queue, wanted %.*s", count,
				(int)rest.n, rest.p);
	} else if (span_eq(verb, SPAN("stored")) ||
		   span_eq(verb, SPAN("unstored"))) {
		out_len = 0;
		unescape(rest);
		look(p, out, out_len, &found);
		out_len = 0;
		cut_count = 0;
		if (found != (verb.n == 6))
			wrong(p, "%.*s: `%.*s'", (int)verb.n, verb.p,
				(int)rest.n, rest.p);
	}
}

/* One line of a case, before or while the program runs. */
static void
act(struct play *p, struct span line)
{
	struct span rest;
	struct span name;
	struct span verb = word(line, &rest);

	if (span_eq(verb, SPAN("control"))) {
		char path[WORD];

		name = word(rest, &rest);
		snprintf(
			path, sizeof path, "control/%.*s", (int)name.n, name.p);
		add_line(p->world, span_of(path), rest, 0600);
	} else if (span_eq(verb, SPAN("file"))) {
		name = word(rest, &rest);
		add_line(p->world, name, rest, 0700);
	} else if (span_eq(verb, SPAN("env"))) {
		add_env(p, "", rest);
	} else if (span_eq(verb, SPAN("option"))) {
		snprintf(p->option, sizeof p->option, "%.*s", (int)rest.n,
			rest.p);
	} else if (span_eq(verb, SPAN("early"))) {
		unescape(rest);
	} else if (span_eq(verb, SPAN("C:")) || span_eq(verb, SPAN("c:"))) {
		begin(p);
		unescape(rest);
		if (verb.p[0] == 'C')
			unescape(SPAN("\\r\\n"));
	} else if (span_eq(verb, SPAN("S:")) || span_eq(verb, SPAN("R:"))) {
		begin(p);
		expect_line(p, rest, verb.p[0] == 'R');
	} else if (span_eq(verb, SPAN("EOF"))) {
		begin(p);
		expect_end(p);
	} else if (span_eq(verb, SPAN("shut"))) {
		begin(p);
		hang_up(p, true);
	} else if (span_eq(verb, SPAN("hang"))) {
		begin(p);
		hang_up(p, false);
	} else if (span_eq(verb, SPAN("term"))) {
		begin(p);
		flush_out(p);
		kill(p->pid, SIGTERM);
	} else {
		wrong(p, "no such directive: `%.*s'", (int)line.n, line.p);
	}
}

static bool
is_check(struct span line)
{
	static const struct span checks[] = { SPAN_INIT("queue"),
		SPAN_INIT("stored"), SPAN_INIT("unstored"), SPAN_INIT("exit"),
		SPAN_INIT("logged"), SPAN_INIT("unlogged"), SPAN_INIT("ways") };
	struct span rest;
	struct span verb = word(line, &rest);

	for (size_t i = 0; i < LEN(checks); i++)
		if (span_eq(verb, checks[i]))
			return true;
	return false;
}

/* Takes the next line that counts off text. */
static bool
next_line(struct span *text, struct span *line)
{
	while (text->n) {
		size_t at = span_find(*text, '\n');

		*line = span_head(*text, at);
		*text = span_from(*text, at + 1);
		if (line->n && line->p[0] != '#')
			return true;
	}
	return false;
}

/* The value of a directive that is given once, or `preset`. */
static struct span
setting(struct span head, struct span text, struct span name,
	struct span preset)
{
	struct span parts[2] = { head, text };
	struct span line;
	struct span rest;

	for (size_t i = 0; i < 2; i++)
		while (next_line(&parts[i], &line))
			if (span_eq(word(line, &rest), name))
				preset = rest;
	return preset;
}

static void
make_world(struct play *p)
{
	static const char *const rooms[] = { "", "/control", "/queue",
		"/queue/tmp", "/queue/new", "/queue/cur", "/queue/hold",
		"/queue/failed" };
	const char *tmp = getenv("TMPDIR");

	snprintf(p->world, sizeof p->world, "%s/talk.XXXXXX",
		tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(p->world))
		abort();
	for (size_t i = 1; i < LEN(rooms); i++) {
		char path[WORD];

		snprintf(path, sizeof path, "%s%s", p->world, rooms[i]);
		if (mkdir(path, 0700) == -1)
			abort();
	}
	add_env(p, "POSTERN_HOME=", span_of(p->world));
	add_env(p, "PATH=/usr/bin:/bin", SPAN(""));
}

static void
remove_world(const struct play *p)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", p->world, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void
show_log(const struct play *p)
{
	static char log[8192];
	ssize_t n = pread(p->log, log, sizeof log, 0);
	struct span rest = { log, n > 0 ? (size_t)n : 0 };

	while (rest.n) {
		size_t at = span_find(rest, '\n');

		printf("#   %.*s\n", (int)(at < rest.n ? at : rest.n), rest.p);
		rest = span_from(rest, at + 1);
	}
}

/* Runs a case one way. */
static void
run(const char *program, const char *file, struct span head, struct span title,
	struct span text, enum way way)
{
	static struct play p;
	struct span parts[2] = { head, text };
	struct span line;
	struct span rest;
	uint64_t code = 0;

	memset(&p, 0, sizeof p);
	p.program = program;
	p.way = way;
	p.fd = -1;
	out_len = 0;
	cut_count = 0;
	make_world(&p);
	span_number(setting(head, text, SPAN("exit"), SPAN("0")), &code);
	for (size_t i = 0; i < 2; i++)
		for (rest = parts[i]; !p.wrong[0] && next_line(&rest, &line);)
			if (!is_check(line))
				act(&p, line);
	flush_out(&p);
	end(&p, (int)code);
	for (size_t i = 0; i < 2; i++)
		for (rest = parts[i]; next_line(&rest, &line);) {
			struct span value;
			struct span verb = word(line, &value);

			check(&p, verb, value);
		}
	printf("%sok %u - %s %s: %.*s\n", p.wrong[0] ? "not " : "", ++done,
		file, way_name[way], (int)title.n, title.p);
	if (p.wrong[0]) {
		failed = true;
		printf("# %s\n", p.wrong);
		show_log(&p);
	}
	close(p.log);
	remove_world(&p);
	fflush(stdout);
}

static struct span
read_file(const char *path)
{
	struct stat st;
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1) {
		perror(path);
		exit(1);
	}
	text = malloc((size_t)st.st_size + 1);
	if (!text || read(fd, text, (size_t)st.st_size) != st.st_size)
		abort();
	close(fd);
	return (struct span){ text, (size_t)st.st_size };
}

/* Where the next case begins in text, or its end. */
static size_t
case_start(struct span text)
{
	for (size_t i = 0; i + 4 <= text.n; i++)
		if ((i == 0 || text.p[i - 1] == '\n') &&
			memcmp(text.p + i, "--- ", 4) == 0)
			return i;
	return text.n;
}

static void
run_file(const char *program, const char *path, bool whole_only)
{
	struct span text = read_file(path);
	const char *slash = strrchr(path, '/');
	struct span head = span_head(text, case_start(text));

	text = span_from(text, head.n);
	while (text.n) {
		size_t eol = span_find(text, '\n');
		struct span title = span_head(span_from(text, 4), eol - 4);
		struct span body = span_from(text, eol + 1);

		body = span_head(body, case_start(body));
		text = span_from(text, eol + 1 + body.n);
		for (enum way w = WHOLE; w < WAYS; w++)
			if (w == WHOLE ||
				(!whole_only && !span_eq(setting(head, body,
								 SPAN("ways"),
								 SPAN("all")),
							SPAN("whole"))))
				run(program, slash ? slash + 1 : path, head,
					title, body, w);
	}
	free((void *)(uintptr_t)head.p);
}

int
main(int argc, char **argv)
{
	bool whole_only = argc > 1 && strcmp(argv[1], "-w") == 0;

	argv += whole_only;
	argc -= whole_only;
	if (argc < 3) {
		fputs("usage: talk [-w] PROGRAM FILE...\n", stderr);
		return 100;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 2; i < argc; i++)
		run_file(argv[1], argv[i], whole_only);
	printf("1..%u\n", done);
	return failed;
}
