/* SPDX-License-Identifier: ISC */
#include "net/tlsasker.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/packet.h"

int
tlsasker_say(int fd, const struct handover *word)
{
	char text[HANDOVER_MAX];
	struct buf out = BUF(text);
	ssize_t put;

	handover_print(&out, word);
	if (out.over) {
		errno = EMSGSIZE;
		return -1;
	}
	put = send(fd, text, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put == -1)
		return -1;
	if ((size_t)put == out.len)
		return 0;
	errno = EAGAIN;
	return -1;
}

int
tlsasker_refuse(int fd, const char *why)
{
	const struct handover word = { .error = span_of(why) };

	return tlsasker_say(fd, &word);
}

static bool
is_stream(int fd)
{
	int type = 0;
	socklen_t len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_STREAM;
}

/* One whole block and nothing behind it. */
static int
parse(struct span block, struct handover *request)
{
	int length = handover_length(span_head(block, HANDOVER_HEAD));

	block = span_from(block, HANDOVER_HEAD);
	if (length == -1 || (size_t)length != block.n ||
		handover_parse(block, request) == -1)
		return -1;
	return request->error.n ? -1 : 0;
}

int
tlsasker_hear(
	int fd, char text[HANDOVER_MAX], struct handover *request, int *client)
{
	ssize_t got;

	do
		got = packet_receive(fd, text, HANDOVER_MAX, client, true);
	while (got == -1 && errno == EINTR);
	if (got <= 0)
		return (int)got;
	if (*client != -1 && is_stream(*client) &&
		parse((struct span){ text, (size_t)got }, request) == 0)
		return 1;
	if (*client != -1)
		close(*client);
	*client = -1;
	errno = EPROTO;
	return -1;
}
