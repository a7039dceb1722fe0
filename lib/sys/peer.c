/* SPDX-License-Identifier: ISC */
#include "sys/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

/* The value of a variable, or an empty span. */
static struct span
variable(const char *name)
{
	const char *value = getenv(name);

	return value ? span_of(value) : SPAN("");
}

static uint16_t
port_of(struct span text)
{
	uint64_t port;

	return span_number(text, &port) == 0 && port <= UINT16_MAX
		       ? (uint16_t)port
		       : 0;
}

/* The address in a socket name, IP_NONE when it is not of the internet. */
static struct ip
name_ip(const union name *name, uint16_t *port)
{
	switch (name->any.sa_family) {
	case AF_INET:
		*port = ntohs(name->v4.sin_port);
		return ip_from_bytes(&name->v4.sin_addr, IP_V4);
	case AF_INET6:
		*port = ntohs(name->v6.sin6_port);
		return ip_from_bytes(&name->v6.sin6_addr, IP_V6);
	default:
		*port = 0;
		return (struct ip){ .family = IP_NONE };
	}
}

/* True for a unix socket that stands in the file system, where permissions
 * decided who could connect. */
static bool
has_path(const union name *name, socklen_t len)
{
	return name->any.sa_family == AF_UNIX &&
	       len > offsetof(struct sockaddr_un, sun_path) &&
	       name->local.sun_path[0] != '\0';
}

/* Asks the kernel about a socket. */
static void
ask_socket(struct peer *peer, int fd, const union name *own, socklen_t own_len)
{
	union name name = { 0 };
	socklen_t len = sizeof name;
	struct ucred who;
	socklen_t who_len = sizeof who;

	if (has_path(own, own_len)) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_len))
			return;
		peer->kind = PEER_LOCAL;
		peer->uid = who.uid;
	} else if (getpeername(fd, &name.any, &len) == 0) {
		peer->ip = name_ip(&name, &peer->port);
		if (peer->ip.family != IP_NONE)
			peer->kind = PEER_INET;
	}
}

/* Did the other side start us, and not for somebody else? */
static bool
ask_starter(struct peer *peer)
{
	if (!variable("POSTERN_LOCAL").n)
		return false;
	peer->kind = PEER_LOCAL;
	peer->uid = getuid();
	return true;
}

/* Believes the supervisor. False when it said nothing about an address. Of a
 * unix socket systemd's word is the client's own: he may have bound his end to
 * a file that is called 192.0.2.1. */
static bool
ask_supervisor(struct peer *peer, bool local)
{
	struct span ip = variable("TCPREMOTEIP");
	struct span port = variable("TCPREMOTEPORT");

	if (ip.n) {
		peer->supervised = true;
	} else {
		ip = variable("REMOTE_ADDR");
		port = variable("REMOTE_PORT");
		if (!ip.n || local || ip.p[0] == '/' || ip.p[0] == '@')
			return false;
	}
	/* a link-local address comes with its interface: fe80::1%2 */
	ip = span_head(ip, span_find(ip, '%'));
	if (ip_parse(ip, &peer->ip) == 0) {
		peer->kind = PEER_INET;
		peer->port = port_of(port);
	}
	return true;
}

int
peer_of(struct peer *peer, int fd)
{
	union name own = { 0 };
	socklen_t len = sizeof own;
	bool is_socket = getsockname(fd, &own.any, &len) == 0;
	uint16_t port;

	if (!is_socket && errno == EBADF)
		return -1;
	*peer = (struct peer){ .kind = PEER_UNKNOWN, .socket = is_socket };
	if (is_socket)
		peer->local = name_ip(&own, &port);
	if (peer->local.family == IP_NONE)
		(void)ip_parse(variable("TCPLOCALIP"), &peer->local);
	if (!ask_starter(peer) &&
		!ask_supervisor(peer, is_socket && has_path(&own, len)) &&
		is_socket)
		ask_socket(peer, fd, &own, len);
	return 0;
}

void
peer_print(struct buf *out, const struct peer *peer)
{
	switch (peer->kind) {
	case PEER_INET:
		ip_print(out, &peer->ip);
		break;
	case PEER_LOCAL:
		buf_str(out, "uid ");
		buf_number(out, peer->uid);
		break;
	case PEER_UNKNOWN:
		buf_str(out, "unknown");
		break;
	}
}

void
peer_log(struct log *log, const struct peer *peer)
{
	char text[IP_TEXT + 1];
	struct buf client = BUF(text);

	peer_print(&client, peer);
	log_text(log, "client", buf_text(&client));
}
