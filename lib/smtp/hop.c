/* SPDX-License-Identifier: ISC */
#include "smtp/hop.h"

#include <errno.h>

#include "net/dial.h"

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
	[DNS_CONFIG] = { "4.3.5",  "control files cannot be used: see the log",
		       JOB_HELD,							     '-'},
};

static void
settle_no_host(struct hop *h, struct mail *m, enum dns_verdict verdict)
{
	enum job_fate fate = no_host[verdict].fate;
	struct span name = m->job->route;

	if (m->job->smarthost)
		fate = JOB_HELD;
	words_say(&h->client.words, no_host[verdict].status, "%s: %.*s",
		no_host[verdict].text,
		(int)(name.n < LIMIT_DOMAIN ? name.n : LIMIT_DOMAIN), name.p);
	h->state = no_host[verdict].state;
	h->peer_len = 0;
	mail_settle_rest(m, fate, &h->client.words);
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
	struct mail *mail;
	uint16_t port;
	unsigned connections;
	unsigned refused; /* of them by a 5yz before anything was asked */
};

/* Connects to an address of the host that was not tried yet, and sends. */
static enum client_verdict
address_try(struct hop *h, struct round *r, struct dns_host *host)
{
	struct client *c = &h->client;
	struct ip reached;
	enum client_verdict verdict;
	int fd = dial_host(host, r->port, h->connect_ms, &reached);

	r->connections++;
	if (fd == -1) {
		peer_set(h, host, host->addresses == 1 ? host->address : NULL,
			r->port);
		host->addresses = 0;
		words_say(&c->words, "4.4.1", "cannot connect: %s",
			strerror(errno));
		return CLIENT_NEXT;
	}
	addresses_drop(host, &reached);
	peer_set(h, host, &reached, r->port);
	verdict = client_open(c, fd, h->helo);
	if (verdict != CLIENT_DONE)
		return verdict;
	h->state = 'u';
	return transaction_send(c, r->mail);
}

/* Asks the hosts in order. CLIENT_NEXT: nobody took it, or the same hosts are
 * to be asked again because some recipients have got an answer. */
static enum client_verdict
hosts_try(struct hop *h, struct round *r)
{
	size_t open = r->mail->open;
	enum client_verdict verdict = CLIENT_NEXT;

	for (size_t i = 0; i < h->hosts; i++) {
		struct dns_host host = h->host[i];

		while (host.addresses && r->connections < HOP_CONNECTIONS) {
			verdict = address_try(h, r, &host);
			if (verdict == CLIENT_DONE || verdict == CLIENT_HELD ||
				r->mail->open < open)
				return verdict;
			if (verdict == CLIENT_REFUSED)
				r->refused++;
		}
	}
	return verdict;
}

/* Nobody took it. That all said 5yz is final, unless it is our smarthost that
 * does not know us. */
static void
settle_nobody(struct hop *h, const struct round *r)
{
	enum job_fate fate = JOB_DEFERRED;

	if (r->connections == 0)
		words_say(
			&h->client.words, "4.4.4", "no address to connect to");
	else if (r->refused == r->connections)
		fate = r->mail->job->smarthost ? JOB_HELD : JOB_FAILED;
	mail_settle_rest(r->mail, fate, &h->client.words);
}

static void
deliver_anew(struct hop *h, struct mail *m, const struct route *route)
{
	struct round r = { .mail = m, .port = route->port };
	enum client_verdict verdict;
	size_t open;

	do {
		open = m->open;
		r.connections = r.refused = 0;
		verdict = hosts_try(h, &r);
	} while (verdict == CLIENT_NEXT && m->open && m->open < open);
	if (verdict == CLIENT_HELD)
		mail_settle_rest(m, JOB_HELD, &h->client.words);
	else
		settle_nobody(h, &r);
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

/* Over the connection that is kept. What happens to it here is no fault of
 * the hop: a new connection is made for whoever has no answer (C-043). */
static void
deliver_again(struct hop *h, struct mail *m)
{
	if (!client_connected(&h->client))
		return;
	if (!route_same(h, m->job)) {
		client_quit(&h->client);
		return;
	}
	h->state = 'u';
	if (transaction_send(&h->client, m) == CLIENT_HELD)
		mail_settle_rest(m, JOB_HELD, &h->client.words);
}

void
hop_deliver(struct hop *h, struct mail *m)
{
	struct route route;
	enum dns_verdict verdict;

	h->state = 'd';
	client_clock(&h->client, m->job->size);
	deliver_again(h, m);
	if (!m->open)
		return;
	h->state = 'd';
	route_note(h, m->job);
	if (route_parse(m->job->route, &route) == -1) {
		settle_no_host(h, m, DNS_NO_DOMAIN);
		return;
	}
	verdict = dns_hosts(
		&route, h->own_name, m->job->smarthost, h->host, &h->hosts);
	if (verdict == DNS_OK)
		deliver_anew(h, m, &route);
	else
		settle_no_host(h, m, verdict);
}

void
hop_woken(struct hop *h)
{
	link_close(&h->client.link);
}
