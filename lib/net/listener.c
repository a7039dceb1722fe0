/* SPDX-License-Identifier: ISC */
#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

_Static_assert(sizeof((struct listener *)0)->path ==
		       sizeof((union name *)0)->local.sun_path,
	"every path of a socket fits");

static struct end
end_of(const union name *name)
{
	struct end end = { .ip.family = IP_NONE };

	if (name->any.sa_family == AF_INET) {
		end.ip = ip_from_bytes(&name->v4.sin_addr, IP_V4);
		end.port = ntohs(name->v4.sin_port);
	} else if (name->any.sa_family == AF_INET6) {
		end.ip = ip_from_bytes(&name->v6.sin6_addr, IP_V6);
		end.port = ntohs(name->v6.sin6_port);
	}
	return end;
}

/* Learns what the socket is bound to. */
static int
learn_name(struct listener *l)
{
	static const struct ip v4_any = { .family = IP_V4 };
	static const struct ip v6_any = { .family = IP_V6 };
	union name name = { 0 };
	socklen_t len = sizeof name;

	if (getsockname(l->fd, &name.any, &len) == -1)
		return -1;
	l->here = end_of(&name);
	l->any = ip_eq(&l->here.ip, &v4_any) || ip_eq(&l->here.ip, &v6_any);
	if (name.any.sa_family == AF_UNIX &&
		len > offsetof(struct sockaddr_un, sun_path))
		memcpy(l->path, name.local.sun_path, sizeof l->path - 1);
	return 0;
}

/* Accepted sockets inherit these: small replies leave at once, and a client
 * that vanished is noticed. */
static int
set_tcp(int fd)
{
	static const int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

int
listener_take(struct listener *l, int fd)
{
	int listening = 0;
	int type = 0;
	socklen_t len = sizeof listening;
	int flags;

	*l = (struct listener){ .fd = fd };
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == -1 ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return -1;
	if (!listening || type != SOCK_STREAM) {
		errno = EINVAL;
		return -1;
	}
	flags = fcntl(fd, F_GETFL);
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 || learn_name(l) == -1)
		return -1;
	return l->here.ip.family == IP_NONE ? 0 : set_tcp(fd);
}

/* HOST:PORT into a socket address. Returns its length, or 0. */
static socklen_t
parse_tcp(struct span where, union name *name)
{
	size_t colon = where.n;
	struct span host;
	struct ip ip;
	uint64_t port;
	bool v6;

	while (colon && where.p[colon - 1] != ':')
		colon--;
	if (!colon)
		return 0;
	host = span_head(where, colon - 1);
	v6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (v6)
		host = (struct span){ host.p + 1, host.n - 2 };
	if (span_number(span_from(where, colon), &port) || port > 65535 ||
		ip_parse(host, &ip) || v6 != (ip.family == IP_V6))
		return 0;
	if (v6) {
		name->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)port) };
		memcpy(&name->v6.sin6_addr, ip.byte, 16);
		return sizeof name->v6;
	}
	name->v4 = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	memcpy(&name->v4.sin_addr, ip.byte, 4);
	return sizeof name->v4;
}

static socklen_t
parse_name(struct span where, union name *name)
{
	static const struct span unix_mark = SPAN_INIT("unix:");
	struct span path = span_from(where, unix_mark.n);

	if (!span_begins_nocase(where, unix_mark))
		return parse_tcp(where, name);
	if (path.n == 0 || path.p[0] != '/' ||
		path.n >= sizeof name->local.sun_path)
		return 0;
	name->local = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(name->local.sun_path, path.p, path.n);
	return sizeof name->local;
}

/* The socket file of a process that is gone refuses connections: nobody
 * loses it when it is replaced. */
static int
remove_stale(const union name *name, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int refused;

	if (fd == -1)
		return -1;
	refused = connect(fd, &name->any, len) == -1 && errno == ECONNREFUSED;
	close(fd);
	if (refused)
		return unlink(name->local.sun_path);
	errno = EADDRINUSE;
	return -1;
}

/* The mode comes with the name: there is no moment of another one. */
static int
bind_unix(int fd, const union name *name, socklen_t len, mode_t mode)
{
	mode_t mask = umask(0);
	int result = fchmod(fd, mode);

	if (result == 0)
		result = bind(fd, &name->any, len);
	if (result == -1 && errno == EADDRINUSE && remove_stale(name, len) == 0)
		result = bind(fd, &name->any, len);
	umask(mask);
	return result;
}

static int
bind_tcp(int fd, const union name *name, socklen_t len)
{
	static const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		return -1;
	if (name->any.sa_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
		return -1;
	return bind(fd, &name->any, len);
}

int
listener_open(struct listener *l, struct span where, int backlog, mode_t mode)
{
	union name name = { 0 };
	socklen_t len = parse_name(where, &name);
	bool local = name.any.sa_family == AF_UNIX;
	int saved;
	int fd;

	*l = (struct listener){ .fd = -1 };
	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if ((local ? bind_unix(fd, &name, len, mode)
		   : bind_tcp(fd, &name, len)) == -1 ||
		listen(fd, backlog) == -1 || listener_take(l, fd) == -1) {
		saved = errno;
		close(fd);
		l->fd = -1;
		errno = saved;
		return -1;
	}
	l->made = local;
	return 0;
}

int
listener_accept(const struct listener *l, struct end *there, struct end *here)
{
	union name name = { 0 };
	socklen_t len = sizeof name;
	int fd = accept4(l->fd, &name.any, &len, SOCK_CLOEXEC);

	if (fd == -1)
		return -1;
	*there = end_of(&name);
	*here = l->here;
	if (!l->any)
		return fd;
	len = sizeof name;
	if (getsockname(fd, &name.any, &len) == 0)
		*here = end_of(&name);
	return fd;
}

void
listener_close(struct listener *l)
{
	if (l->made)
		unlink(l->path);
	if (l->fd != -1)
		close(l->fd);
	l->made = false;
	l->fd = -1;
}

void
listener_print(struct buf *out, const struct listener *l)
{
	if (l->here.ip.family == IP_NONE) {
		buf_str(out, "unix:");
		buf_str(out, l->path);
		return;
	}
	if (l->here.ip.family == IP_V6)
		buf_char(out, '[');
	ip_print(out, &l->here.ip);
	if (l->here.ip.family == IP_V6)
		buf_char(out, ']');
	buf_char(out, ':');
	buf_number(out, l->here.port);
}
