/* SPDX-License-Identifier: ISC */
#include "smtp/hop.h"

#include <errno.h>
#include <sys/socket.h>

#include "net/dial.h"
#include "smtp/login.h"
#include "sys/log.h"
#include "sys/unixsock.h"

/* What becomes of the mail when there is no host to ask. For a smarthost all
 * of it is a fault of our own side: the admin named it. */
static const struct {
	const char *status;
	const char *text;
	enum job_fate fate;
	char state;
} no_host[] = {
	[DNS_LATER] = {"4.4.3",   "no answer from DNS",                        JOB_DEFERRED, 'd'},
	[DNS_NO_DOMAIN] = { "5.1.2",  "no such domain",                            JOB_FAILED,   '-'},
	[DNS_NO_ADDRESS] = { "5.4.4",  "no host with an address",                   JOB_FAILED,
		       '-'								      },
	[DNS_ADDRESS_LATER] = { "4.4.4",  "no answer from DNS for an address",
		       JOB_DEFERRED,							 'd'},
	[DNS_NULL_MX] = { "5.1.10", "the domain takes no mail (null MX)",
		       JOB_FAILED,							   '-'},
	[DNS_LOOP] = { "5.4.6",  "the domain's mail comes back to this host",
		       JOB_FAILED,							   '-'},
	[DNS_MUTE] = { "4.4.3",  "no name server says anything",              JOB_HELD,     'd'},
	[DNS_CONFIG] = { "4.3.5",  "control files cannot be used: see the log",
		       JOB_HELD,							     '-'},
};

/* Why a next hop could not be asked, or took not everybody. */
struct ending {
	enum job_fate fate;
	char state;
	struct words words;
};

static void
end_no_host(const struct job *job, struct span name, enum dns_verdict verdict,
	struct ending *end)
{
	end->fate = job->smarthost ? JOB_HELD : no_host[verdict].fate;
	end->state = no_host[verdict].state;
	words_say(&end->words, no_host[verdict].status, "%s: %.*s",
		no_host[verdict].text,
		(int)(name.n < LIMIT_DOMAIN ? name.n : LIMIT_DOMAIN), name.p);
}

static void
peer_set(struct hop *h, const struct dns_host *host, const struct ip *ip,
	uint16_t port)
{
	struct buf b = BUF(h->peer);

	if (host->name[0] != '[') /* a literal says it all */
		buf_str(&b, host->name);
	if (ip) {
		buf_char(&b, '[');
		ip_print(&b, ip);
		buf_char(&b, ']');
	}
	buf_char(&b, ':');
	buf_number(&b, port);
	h->peer_len = b.len;
}

/* Takes the address that answered, and those that were slower, off the list. */
static void
addresses_drop(struct dns_host *host, const struct ip *reached)
{
	size_t i = 0;

	while (i < host->addresses && !ip_eq(&host->address[i], reached))
		i++;
	i = i < host->addresses ? i + 1 : i;
	host->addresses -= i;
	memmove(host->address, host->address + i,
		host->addresses * sizeof host->address[0]);
}

/* How a round over the hosts of a hop goes. */
struct round {
	const struct route *route;
	struct mail *mail;
	uint16_t port;
	unsigned connections;
	unsigned refused; /* of them by a 5yz before anything was asked */
	unsigned unfit;   /* of them: without the REQUIRETLS that is wanted */
	bool ours;        /* this machine is not set up rightly */
	bool unmet;       /* our smarthost has not the TLS we want ... */
	struct words why; /* ... as said here */
};

/* Who we are for this mail at the next hop that is asked. */
static enum client_verdict
connection_login(struct hop *h, const struct route *route)
{
	char binding[TLSCLIENT_BINDING];
	struct buf b = BUF(binding);
	struct login login;

	login_to(&login, h->login, route);
	if (h->client.tls) {
		tlsclient_binding(&h->tls.tls, &login.cbname, &b);
		login.cbdata = buf_text(&b);
	}
	login.clear_allowed = h->policy.level == TLSPOLICY_NONE;
	return login_run(&h->client, &login);
}

/* A connection is there: greets, begins TLS, logs in, and sends. `clear`: TLS
 * has just failed. */
static enum client_verdict
connection_use(struct hop *h, struct round *r, const struct dns_host *host,
	bool clear, int fd)
{
	struct span helo = h->here.helo.n ? h->here.helo : h->helo;
	struct starttls_want want = { .policy = h->policy,
		.route = r->route,
		.requiretls = r->mail->job->requiretls,
		.login = h->login && !h->login->unverified,
		.clear = clear };
	enum client_verdict verdict;

	if (host && host->name[0] != '[')
		want.host = span_of(host->name);
	verdict = starttls_open(&h->tls, &h->client, fd, helo, &want);
	r->unfit += h->tls.unfit;
	if (h->tls.unmet && r->mail->job->smarthost) {
		r->unmet = true;
		r->why = h->client.words;
	}
	if (verdict == CLIENT_DONE)
		verdict = connection_login(h, r->route);
	if (verdict != CLIENT_DONE)
		return verdict;
	if (h->state != 'u')
		h->at = h->to;
	h->state = 'u';
	return transaction_send(&h->client, r->mail);
}

/* Why there is no connection: nobody answers, or (fd is -2) the address that
 * we are to come from cannot be used. */
static void
explain_no_connection(struct hop *h, struct round *r, int fd, int error)
{
	if (fd == -1) {
		words_say(&h->client.words, "4.4.1", "cannot connect: %s",
			strerror(error));
		return;
	}
	r->ours = true;
	words_say(&h->client.words, "4.3.5",
		"control/nexthops:%u: cannot connect from that source: %s",
		h->here.line[NEXTHOP_SOURCE],
		error == EAFNOSUPPORT
			? "the next hop has no address of its kind"
			: strerror(error));
}

static void
log_clear(const struct hop *h, const struct round *r, const struct words *why)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "without-tls");
	log_text(&line, "id", r->mail->job->id);
	log_text(&line, "peer", (struct span){ h->peer, h->peer_len });
	log_text(&line, "reason", (struct span){ why->text, why->text_len });
	log_write(&line);
}

/* TLS may be and came to nothing: once more to the same address without it
 * (RFC 7435 4). Why TLS failed is said if this fails as well. */
static enum client_verdict
address_again(struct hop *h, struct round *r, const struct dns_host *host,
	const struct ip *reached)
{
	struct dns_host same = *host;
	struct words why = h->client.words;
	struct ip ip = *reached;
	int fd;

	log_clear(h, r, &why);
	same.addresses = 1;
	same.address[0] = *reached;
	fd = dial_host(&same, r->port, h->here.source, h->connect_ms, &ip);
	if (fd >= 0)
		return connection_use(h, r, host, true, fd);
	h->client.words = why;
	return CLIENT_NEXT;
}

/* Connects to an address of the host that was not tried yet, and sends. */
static enum client_verdict
address_try(struct hop *h, struct round *r, struct dns_host *host)
{
	struct ip reached;
	int fd = dial_host(
		host, r->port, h->here.source, h->connect_ms, &reached);
	enum client_verdict verdict;

	r->connections++;
	if (fd < 0) {
		explain_no_connection(h, r, fd, errno);
		peer_set(h, host, host->addresses == 1 ? host->address : NULL,
			r->port);
		host->addresses = 0;
		return CLIENT_NEXT;
	}
	addresses_drop(host, &reached);
	peer_set(h, host, &reached, r->port);
	verdict = connection_use(h, r, host, false, fd);
	return h->tls.failed ? address_again(h, r, host, &reached) : verdict;
}

/* Asks the hosts in order. CLIENT_NEXT: nobody took it, or the same hosts are
 * to be asked again because some recipients have got an answer. */
static enum client_verdict
hosts_try(struct hop *h, struct round *r)
{
	size_t pending = mail_pending(r->mail);
	enum client_verdict verdict = CLIENT_NEXT;

	for (size_t i = 0; i < h->hosts; i++) {
		struct dns_host host = h->host[i];

		while (host.addresses && r->connections < HOP_CONNECTIONS) {
			verdict = address_try(h, r, &host);
			if (verdict == CLIENT_DONE || verdict == CLIENT_HELD ||
				mail_pending(r->mail) < pending)
				return verdict;
			if (verdict == CLIENT_REFUSED)
				r->refused++;
		}
	}
	return verdict;
}

/* A socket that is not there or not for us is a fault of this machine's
 * set-up; one that nobody serves may be served again soon. */
static bool
is_our_fault(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	       error == EPERM || error == ELOOP || error == ENOTSOCK ||
	       error == EPROTOTYPE;
}

static enum client_verdict
socket_try(struct hop *h, struct round *r, struct span path)
{
	struct buf peer = BUF(h->peer);
	int fd = unixsock_connect(path, SOCK_STREAM, h->connect_ms);

	buf_span(&peer, path);
	h->peer_len = peer.len;
	r->connections++;
	if (fd != -1) {
		enum client_verdict verdict =
			connection_use(h, r, NULL, false, fd);

		r->refused += verdict == CLIENT_REFUSED;
		return verdict;
	}
	r->ours = is_our_fault(errno);
	words_say(&h->client.words, r->ours ? "4.3.5" : "4.4.1",
		"cannot connect to the socket: %s%s", strerror(errno),
		errno == EACCES ? "; let user postern write to it" : "");
	return CLIENT_NEXT;
}

/* Nobody took it. That all said 5yz is final, unless it is our smarthost that
 * does not know us. */
static void
end_nobody(struct hop *h, const struct round *r, struct ending *end)
{
	end->fate = JOB_DEFERRED;
	end->state = h->state;
	if (r->connections == 0)
		words_say(
			&h->client.words, "4.4.4", "no address to connect to");
	else if (r->ours)
		end->fate = JOB_HELD;
	else if (r->refused == r->connections)
		end->fate = r->mail->job->smarthost ? JOB_HELD : JOB_FAILED;
	else if (r->unfit == r->connections)
		end->fate = JOB_FAILED;
	else if (r->unfit && *h->client.words.status == '5')
		*h->client.words.status = '4';
	end->words = h->client.words;
	if (!r->unmet)
		return;
	/* somebody in between, or a line of ours: an alarm, and no bounce */
	end->fate = JOB_HELD;
	end->words = r->why;
}

static void
deliver_anew(struct hop *h, struct mail *m, const struct route *route,
	struct ending *end)
{
	struct round r = { .mail = m, .route = route, .port = route->port };
	enum client_verdict verdict;
	size_t pending;

	h->client.lmtp = route->lmtp;
	do {
		pending = mail_pending(m);
		r.connections = r.refused = r.unfit = 0;
		r.ours = r.unmet = false;
		verdict = route->path.n ? socket_try(h, &r, route->path)
					: hosts_try(h, &r);
	} while (verdict == CLIENT_NEXT && mail_pending(m) &&
		 mail_pending(m) < pending);
	end_nobody(h, &r, end);
	if (verdict == CLIENT_HELD)
		end->fate = JOB_HELD;
}

/* Asks one next hop of the route. Says in *end what to say to those who still
 * have no answer. */
static void
deliver_to(struct hop *h, struct mail *m, struct span text, struct ending *end)
{
	struct route route;
	enum dns_verdict verdict = DNS_NO_DOMAIN;

	h->peer_len = 0;
	nexthops_find(h->nexthops, text, &h->here);
	h->login = authremote_find(
		h->logins, m->job->sender, text, m->job->smarthost);
	/* a login that may go to somebody unverified does not raise it */
	tlspolicy_find(h->tls.policies, text, h->login && !h->login->unverified,
		&h->policy);
	h->client.most = h->here.number[NEXTHOP_MESSAGES];
	if (route_parse(text, &route) == 0)
		verdict = route.path.n ? DNS_OK
				       : dns_hosts(&route, h->own_name,
						 m->job->smarthost, h->host,
						 &h->hosts);
	if (verdict == DNS_OK)
		deliver_anew(h, m, &route, end);
	else
		end_no_host(m->job, text, verdict, end);
}

static void
route_note(struct hop *h, const struct job *job)
{
	struct buf b = BUF(h->route);

	buf_span(&b, job->route);
	h->route_len = b.len;
	h->smarthost = job->smarthost;
}

static bool
route_same(const struct hop *h, const struct job *job)
{
	return h->smarthost == job->smarthost &&
	       span_eq_nocase(
		       (struct span){ h->route, h->route_len }, job->route);
}

/* The next hops of a route, and which of them have been asked. */
struct choice {
	struct span hop[ROUTE_HOPS];
	bool asked[ROUTE_HOPS];
	size_t hops;
	size_t left;
};

/* The connection is logged in as this mail needs it. */
static bool
login_same(
	const struct hop *h, const struct job *job, const struct choice *choice)
{
	return authremote_find(h->logins, job->sender, choice->hop[h->to],
		       job->smarthost) == h->login;
}

/* Over the connection that is kept. What happens to it here is no fault of
 * the hop: a new connection is made for whoever has no answer (C-043). */
static void
deliver_again(struct hop *h, struct mail *m, struct choice *choice)
{
	enum client_verdict verdict;

	if (!client_connected(&h->client))
		return;
	if (!route_same(h, m->job) || !login_same(h, m->job, choice) ||
		!client_suits(&h->client, m->job->requiretls)) {
		client_quit(&h->client);
		return;
	}
	h->state = 'u';
	h->at = h->to;
	m->more = choice->hops > 1;
	verdict = transaction_send(&h->client, m);
	if (verdict == CLIENT_HELD)
		mail_settle_rest(m, JOB_HELD, &h->client.words);
	if (verdict != CLIENT_DONE || !m->later)
		return;
	choice->asked[h->to] = true;
	choice->left--;
}

/* Says why the mail, or some of it, goes on to another next hop. */
static void
log_passed(const struct mail *m, struct span hop, const struct ending *end)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "passed-over");
	log_text(&line, "id", m->job->id);
	log_text(&line, "hop", hop);
	if (mail_pending(m)) {
		log_text(&line, "status",
			(struct span){
				end->words.status, end->words.status_len });
		log_text(&line, "reply",
			(struct span){ end->words.text, end->words.text_len });
	}
	log_number(&line, "recipients", m->open);
	log_write(&line);
}

/* What is said when no next hop took it: a fault of ours, if there was one,
 * before others. */
static void
settle(struct mail *m, const struct ending *end)
{
	mail_retry(m);
	if (m->faulty)
		mail_settle_rest(m, JOB_HELD, &m->fault);
	else
		mail_settle_rest(m, end->fate, &end->words);
}

/* Asks those of the next hops that have not been, the one that the job says
 * first. */
static void
deliver_in_order(struct hop *h, struct mail *m, struct choice *choice)
{
	struct ending end = { .fate = JOB_DEFERRED, .state = 'd' };
	size_t first = m->job->first < choice->hops ? m->job->first : 0;
	char state = '-'; /* d when any of them is down */

	for (size_t i = 0; i < choice->hops && m->open; i++) {
		h->to = (first + i) % choice->hops;
		if (choice->asked[h->to])
			continue;
		client_quit(&h->client);
		mail_retry(m);
		m->more = --choice->left > 0;
		deliver_to(h, m, choice->hop[h->to], &end);
		if (end.state != '-')
			state = end.state;
		if (end.fate == JOB_HELD && mail_pending(m))
			mail_blame(m, &end.words);
		if (m->open && m->more)
			log_passed(m, choice->hop[h->to], &end);
	}
	if (m->open && h->state != 'u')
		h->state = state;
	if (m->open)
		settle(m, &end);
}

static void
choice_read(struct choice *choice, struct span route)
{
	while (choice->hops < ROUTE_HOPS &&
		route_next(&route, &choice->hop[choice->hops]))
		choice->hops++;
	choice->left = choice->hops;
}

void
hop_deliver(struct hop *h, struct mail *m)
{
	struct choice choice = { .hops = 0 };

	choice_read(&choice, m->job->route);
	h->state = 'd';
	h->at = 0;
	client_clock(&h->client, m->job->size);
	deliver_again(h, m, &choice);
	if (!m->open)
		return;
	if (choice.left == choice.hops) {
		h->state = 'd';
		h->at = 0;
	}
	route_note(h, m->job);
	deliver_in_order(h, m, &choice);
}

void
hop_woken(struct hop *h)
{
	/* TLS has words of its own, such as new tickets */
	if (h->client.tls && client_quiet(&h->client))
		return;
	link_close(&h->client.link);
}
