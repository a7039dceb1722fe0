/* SPDX-License-Identifier: ISC
 *
 * authd: plays postern-auth for tests of postern-smtpd. What it offers is in
 * the file `offers` of POSTERN_HOME (default: all mechanisms); the words
 * `later`, `mute`, `dead` and `junk` there make it ill. It knows nobody: what
 * it says to a response is in the table below. Each first packet goes to the
 * file `asked`, records separated by blanks. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pure/authtalk.h"
#include "sys/packet.h"

/* In base64, so that nothing has to be understood here. */
static const struct {
	const char *response;
	struct authtalk answer;
} answers[] = {
	{"AGFwcABwdw==",  { .identity = SPAN_INIT("app") }           },
	{ "AGdhdGUAcHc=", { .identity = SPAN_INIT("gate") }          },
	{ "AG1hbnkAcHc=", { .identity = SPAN_INIT("many@x.example") }},
	{ "YXBw",         { .challenge = SPAN_INIT("UGFzc3dvcmQ6") } },
	{ "cHc=",         { .identity = SPAN_INIT("app") }           },
	{ "bGF0ZXI=",     { .later = SPAN_INIT("the table is gone") }},
	{ "d2Vhaw==",     { .weak = SPAN_INIT("say more") }          },
	{ "bGltaXQ=",     { .limited = SPAN_INIT("9 failures") }     },
	{ "bG9vcA==",     { .challenge = SPAN_INIT("bG9vcA==") }     },
	{ "=",            { .broken = SPAN_INIT("empty") }           },
};

static char packet[AUTHTALK_MAX];

static void
say(const struct authtalk *talk)
{
	static char text[AUTHTALK_MAX];
	struct buf out = BUF(text);

	authtalk_print(&out, talk);
	if (packet_send(STDIN_FILENO, buf_text(&out), -1, true) == -1)
		exit(0);
}

static void
hear(struct authtalk *talk)
{
	ssize_t n =
		packet_receive(STDIN_FILENO, packet, sizeof packet, NULL, true);

	if (n <= 0)
		exit(0);
	if (authtalk_parse((struct span){ packet, (size_t)n }, talk) == -1)
		abort();
}

static const char *
in_world(const char *name)
{
	static char path[1024];
	const char *home = getenv("POSTERN_HOME");

	snprintf(path, sizeof path, "%s/%s", home ? home : ".", name);
	return path;
}

/* Writes down what smtpd has said, but for secrets. */
static void
note(const struct authtalk *talk)
{
	struct authtalk shown = *talk;
	char text[2048];
	struct buf out = BUF(text);
	int fd = open(in_world("asked"), O_WRONLY | O_APPEND | O_CREAT, 0666);

	shown.initial = SPAN("");
	authtalk_print(&out, &shown);
	for (size_t i = 0; i < out.len; i++)
		if (!text[i])
			text[i] = ' ';
	buf_char(&out, '\n');
	if (fd == -1 || write(fd, text, out.len) != (ssize_t)out.len)
		exit(1);
	close(fd);
}

static void
offer(void)
{
	char text[256];
	int fd = open(in_world("offers"), O_RDONLY);
	ssize_t n = fd == -1 ? 0 : read(fd, text, sizeof text);
	struct span words = SPAN("PLAIN LOGIN SCRAM-SHA-256 "
				 "SCRAM-SHA-256-PLUS EXTERNAL");

	if (n > 1)
		words = (struct span){ text, (size_t)n - 1 };
	if (span_eq(words, SPAN("dead")))
		exit(1);
	if (span_eq(words, SPAN("mute")))
		sleep(60);
	if (span_eq(words, SPAN("junk")))
		exit(packet_send(STDIN_FILENO, words, -1, true));
	if (span_eq(words, SPAN("later")))
		say(&(struct authtalk){ .later = SPAN("no table") });
	else
		say(&(struct authtalk){ .mechanisms = words });
}

static void
answer(struct span response)
{
	for (size_t i = 0; i < LEN(answers); i++)
		if (span_eq(response, span_of(answers[i].response))) {
			say(&answers[i].answer);
			return;
		}
	if (span_eq(response, SPAN("ZGll")))
		exit(1);
	for (size_t i = 0; i < response.n; i++)
		if (strchr("!\xe4 ", response.p[i])) {
			say(&(struct authtalk){ .broken = SPAN("no base64") });
			return;
		}
	say(&(struct authtalk){ .refused = SPAN("no such login") });
}

int
main(void)
{
	struct authtalk talk;

	offer();
	hear(&talk);
	note(&talk);
	if (talk.user.n) {
		if (span_eq(talk.rcpts, SPAN("1")))
			say(&(struct authtalk){ .identity = talk.user });
		else
			say(&(struct authtalk){ .limited = SPAN("over it") });
	}
	if (talk.initial.n) {
		answer(talk.initial);
	} else if (span_eq_nocase(talk.mechanism, SPAN("LOGIN"))) {
		say(&(struct authtalk){ .challenge = SPAN("VXNlcm5hbWU6") });
	} else if (span_eq_nocase(talk.mechanism, SPAN("EXTERNAL"))) {
		say(&(struct authtalk){ .identity = SPAN("gate") });
	} else {
		say(&(struct authtalk){ .challenge = SPAN("=") });
	}
	for (;;) {
		hear(&talk);
		answer(talk.response);
	}
}
