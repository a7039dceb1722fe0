/* SPDX-License-Identifier: ISC */
#include "net/query.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/io.h"

static const char remedy[] =
	"not a name server; write 192.0.2.1, 192.0.2.1:53, 2001:db8::1 or "
	"[2001:db8::1]:53";

/* Splits ADDRESS, V4:PORT, [ADDRESS] or [ADDRESS]:PORT. */
static int
split_server(struct span text, struct span *host, struct span *port)
{
	size_t end;

	*port = SPAN("53");
	if (text.n && text.p[0] == '[') {
		end = span_find(text, ']');
		if (end == text.n)
			return -1;
		*host = span_head(span_from(text, 1), end - 1);
		end++;
	} else {
		end = span_find(text, ':');
		if (span_find(span_from(text, end + 1), ':') + end + 1 < text.n)
			end = text.n; /* two colons: an IPv6 address */
		*host = span_head(text, end);
	}
	if (end == text.n)
		return 0;
	*port = span_from(text, end + 1);
	return text.p[end] == ':' ? 0 : -1;
}

/* A resolv.conf may name a link-local server with its interface (%eth0). */
static int
resolve_server(struct span host, uint64_t port, struct query_server *out)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char name[IP_TEXT + 20];
	char service[8];
	struct buf n = BUF(name);
	struct buf s = BUF(service);
	struct ip ip;

	buf_span(&n, host);
	buf_number(&s, port);
	buf_cstr(&n);
	buf_cstr(&s);
	if (n.over || s.over ||
		ip_parse(span_head(host, span_find(host, '%')), &ip) == -1 ||
		getaddrinfo(name, service, &hints, &found) != 0)
		return -1;
	memcpy(&out->address, found->ai_addr, found->ai_addrlen);
	out->size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int
add_server(struct query *q, struct span text)
{
	struct query_server *server = &q->server[q->count];
	struct span host;
	struct span port;
	uint64_t number;

	if (split_server(text, &host, &port) == -1 ||
		span_number(port, &number) != 0 || number == 0 ||
		number > UINT16_MAX ||
		resolve_server(host, number, server) == -1)
		return -1;
	q->count++;
	return 0;
}

static int
read_control(struct query *q, struct control *c, struct control_list *list)
{
	struct span entry;

	while (control_next(list, &entry)) {
		if (q->count == QUERY_SERVERS)
			return control_fail(c, list->name, list->line,
				"over 8 name servers; keep the best");
		if (add_server(q, entry) == -1)
			return control_fail(c, list->name, list->line, remedy);
	}
	if (q->count == 0)
		return control_fail(c, list->name, 0,
			"names no server; write one, or remove the file");
	return 0;
}

/* Lines that the C library would pass over are passed over. */
static int
read_resolv_conf(struct query *q, struct control *c, const char *path)
{
	static const struct span word = SPAN_INIT("nameserver");
	char line[512];
	FILE *f = fopen(path, "re");

	if (!f && errno != ENOENT)
		return control_fail(c, control_file(CONTROL_NAMESERVERS)->name,
			0,
			"/etc/resolv.conf cannot be read; write name servers "
			"here");
	while (f && q->count < QUERY_SERVERS && fgets(line, sizeof line, f)) {
		struct span text = span_of(line);
		struct span value;

		text.n = span_find(text, '\n');
		value = span_trim(span_from(text, word.n));
		if (span_begins_nocase(text, word) && value.n &&
			(text.p[word.n] == ' ' || text.p[word.n] == '\t')) {
			value.n = span_find(value, ' ');
			value.n = span_find(value, '\t');
			(void)add_server(q, value);
		}
	}
	if (f)
		fclose(f);
	return q->count ? 0 : add_server(q, SPAN("127.0.0.1"));
}

int
query_begin(struct query *q, struct control *c, const char *resolv_conf)
{
	struct control_list list;
	int result = control_list(c, CONTROL_NAMESERVERS, &list);

	q->count = 0;
	q->good = 0;
	if (result == 0)
		return read_resolv_conf(q, c, resolv_conf);
	if (result == 1)
		result = read_control(q, c, &list);
	control_list_free(&list);
	return result;
}

/* A connected socket that does not block. */
static int
open_socket(const struct query_server *server, int type)
{
	int fd = socket(server->address.ss_family,
		type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&server->address,
		    server->size) == 0 ||
		errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* Sends the question in one piece and waits for the answer to it. Others that
 * come to this port do not count. */
static enum dnsmsg_fate
ask_udp(struct query *q, const struct query_server *server, struct span asked,
	int64_t deadline, struct dnsmsg *m)
{
	enum dnsmsg_fate fate = DNSMSG_FAILED;
	int fd = open_socket(server, SOCK_DGRAM);
	ssize_t n;

	if (fd == -1)
		return DNSMSG_FAILED;
	if (send(fd, asked.p, asked.n, MSG_NOSIGNAL) != (ssize_t)asked.n)
		goto out;
	do {
		n = io_read(fd, q->answer, sizeof q->answer, deadline, NULL);
		q->heard |= n >= 0;
		fate = n < 0 ? DNSMSG_FAILED
			     : dnsmsg_open(m,
				       (struct span){ q->answer, (size_t)n },
				       asked);
	} while (fate == DNSMSG_FOREIGN);
out:
	close(fd);
	return fate;
}

static bool
read_all(int fd, char *to, size_t n, int64_t deadline)
{
	while (n) {
		ssize_t got = io_read(fd, to, n, deadline, NULL);

		if (got <= 0)
			return false;
		to += got;
		n -= (size_t)got;
	}
	return true;
}

/* RFC 1035 4.2.2: a length of two octets goes before each message. */
static enum dnsmsg_fate
ask_tcp(struct query *q, const struct query_server *server, struct span asked,
	int64_t deadline, struct dnsmsg *m)
{
	char framed[2 + DNSMSG_QUERY] = { (char)(asked.n >> 8),
		(char)(asked.n & 0xff) };
	enum dnsmsg_fate fate = DNSMSG_FAILED;
	int fd = open_socket(server, SOCK_STREAM);
	unsigned char length[2];
	size_t n;

	if (fd == -1)
		return DNSMSG_FAILED;
	memcpy(framed + 2, asked.p, asked.n);
	if (io_wait_write(fd, deadline) == -1 ||
		send(fd, framed, asked.n + 2, MSG_NOSIGNAL) !=
			(ssize_t)asked.n + 2 ||
		!read_all(fd, (char *)length, 2, deadline))
		goto out;
	n = (size_t)(length[0] << 8 | length[1]);
	if (read_all(fd, q->answer, n, deadline))
		fate = dnsmsg_open(m, (struct span){ q->answer, n }, asked);
out:
	close(fd);
	return fate;
}

/* A question that nobody can foresee. */
static int
make_question(struct query *q, struct span name, uint16_t type, bool edns,
	struct span *out)
{
	struct buf text = BUF(q->question);
	struct {
		uint64_t mix;
		uint64_t id;
	} random;

	if (getrandom(&random, sizeof random, 0) != sizeof random ||
		dnsmsg_ask(&text, (uint16_t)random.id, name, type, random.mix,
			edns) == -1)
		return -1;
	*out = buf_text(&text);
	return 0;
}

/* Asks one server, in up to three ways. */
static enum dnsmsg_fate
ask_server(struct query *q, struct query_server *server, struct span name,
	uint16_t type, int64_t deadline, struct dnsmsg *m)
{
	int64_t until = clock_ms() + QUERY_MS;
	enum dnsmsg_fate fate;
	struct span asked;

	if (until > deadline)
		until = deadline;
	if (make_question(q, name, type, !server->plain, &asked) == -1)
		return DNSMSG_FAILED;
	fate = ask_udp(q, server, asked, until, m);
	if (fate == DNSMSG_FORMERR && !server->plain) {
		server->plain = true;
		if (make_question(q, name, type, false, &asked) == -1)
			return DNSMSG_FAILED;
		fate = ask_udp(q, server, asked, until, m);
	}
	if (fate == DNSMSG_TRUNCATED || (fate != DNSMSG_FAILED && !m->exact))
		fate = ask_tcp(q, server, asked, until, m);
	return fate;
}

enum dnsmsg_fate
query_ask(struct query *q, struct span name, uint16_t type, int64_t deadline,
	struct dnsmsg *answer)
{
	int64_t total = clock_ms() + QUERY_TOTAL_MS;

	if (deadline > total)
		deadline = total;
	q->heard = false;
	for (size_t i = 0; i < q->count * QUERY_TRIES; i++) {
		size_t turn = (q->good + i) % q->count;
		enum dnsmsg_fate fate = ask_server(
			q, &q->server[turn], name, type, deadline, answer);

		if (fate == DNSMSG_DATA || fate == DNSMSG_NODATA ||
			fate == DNSMSG_NXDOMAIN) {
			q->good = turn;
			return fate;
		}
	}
	return DNSMSG_FAILED;
}
