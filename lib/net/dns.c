/* SPDX-License-Identifier: ISC */
#include "net/dns.h"

#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/random.h>

#include "net/hosts.h"
#include "net/idna.h"
#include "net/query.h"
#include "sys/clock.h"
#include "sys/log.h"

enum {
	OWN = 1024,       /* own addresses */
	TOTAL_MS = 60000, /* for all the questions of one route */
	NEVER = INT_MAX,  /* worse than any preference */
};

/* Learnt once by dns_begin; `set` is room for one answer. */
static struct {
	bool ready;
	bool mxlocal;
	FILE *hosts; /* NULL: there is none */
	struct query query;
	size_t owns;
	struct ip_net own[OWN];
	struct mx_set set;
} dns;

/* What one search needs to know. */
struct search {
	const char *own_name;
	bool local_counts; /* loopback and link-local addresses are hosts */
	bool own_counts;   /* so is this host */
	int64_t deadline;
};

/* Loopback is judged apart (control/mxlocal). */
static int
learn_interfaces(struct control *c)
{
	struct ifaddrs *list;
	int result = 0;

	if (getifaddrs(&list) == -1)
		return control_fail(c, control_file(CONTROL_MOREIPME)->name, 0,
			"cannot ask the kernel for own addresses");
	for (struct ifaddrs *i = list; i && result == 0; i = i->ifa_next) {
		struct ip ip = { .family = IP_NONE };

		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
			ip = ip_from_bytes(
				&((struct sockaddr_in *)(void *)i->ifa_addr)
					 ->sin_addr,
				IP_V4);
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6)
			ip = ip_from_bytes(
				&((struct sockaddr_in6 *)(void *)i->ifa_addr)
					 ->sin6_addr,
				IP_V6);
		if (ip.family == IP_NONE || ip_is_loopback(&ip))
			continue;
		if (dns.owns == OWN)
			result = control_fail(c,
				control_file(CONTROL_MOREIPME)->name, 0,
				"over 1024 own addresses");
		else
			dns.own[dns.owns++] = (struct ip_net){ ip,
				ip.family == IP_V4 ? 32 : 128 };
	}
	freeifaddrs(list);
	return result;
}

/* It stays open: a jail may be closed around whoever asks. */
static void
open_hosts(void)
{
	if (dns.hosts)
		fclose(dns.hosts);
	dns.hosts = fopen("/etc/hosts", "re");
}

/* Addresses under which others reach this host, behind NAT. */
static int
learn_moreipme(struct control *c)
{
	struct control_list list;
	struct span entry;
	int result = control_list(c, CONTROL_MOREIPME, &list);

	while (result != -1 && control_next(&list, &entry)) {
		if (dns.owns == OWN)
			result = control_fail(c, list.name, list.line,
				"over 1024 own addresses");
		else if (ip_net_parse(entry, &dns.own[dns.owns]) == -1)
			result = control_fail(c, list.name, list.line,
				"not an address; write 192.0.2.1, 2001:db8::1 "
				"or 192.0.2.0/24");
		else
			dns.owns++;
	}
	control_list_free(&list);
	return result == -1 ? -1 : 0;
}

int
dns_begin(struct control *c)
{
	uint64_t mxlocal;

	dns.ready = false;
	dns.owns = 0;
	if (control_number(c, CONTROL_MXLOCAL, &mxlocal) == -1 ||
		query_begin(&dns.query, c, "/etc/resolv.conf") == -1 ||
		learn_interfaces(c) == -1 || learn_moreipme(c) == -1)
		return -1;
	open_hosts();
	dns.mxlocal = mxlocal;
	dns.ready = true;
	return 0;
}

/* 127/8, ::1, and the unspecified 0/8 and ::, which lead here as well. */
static bool
is_here(const struct ip *ip)
{
	static const struct ip any6 = { .family = IP_V6 };

	return ip_is_loopback(ip) ||
	       (ip->family == IP_V4 && ip->byte[0] == 0) || ip_eq(ip, &any6);
}

/* 169.254/16 and fe80::/10: meaningless without an interface. */
static bool
is_link_local(const struct ip *ip)
{
	if (ip->family == IP_V4)
		return ip->byte[0] == 169 && ip->byte[1] == 254;
	return ip->byte[0] == 0xfe && (ip->byte[1] & 0xc0) == 0x80;
}

static bool
is_own(const struct search *s, const struct ip *ip)
{
	if (s->own_counts)
		return false;
	if (is_here(ip))
		return !s->local_counts;
	for (size_t i = 0; i < dns.owns; i++)
		if (ip_net_has(&dns.own[i], ip))
			return true;
	return false;
}

static bool
host_is_own(const struct search *s, const struct dns_host *host)
{
	for (size_t i = 0; i < host->addresses; i++)
		if (is_own(s, &host->address[i]))
			return true;
	return false;
}

/* The addresses of one family. Link-local ones count when they may. */
static enum dnsmsg_fate
ask_addresses(const struct search *s, struct span name, uint16_t type,
	struct ip *out, size_t *n)
{
	struct dnsmsg_record record;
	struct dnsmsg m;
	enum dnsmsg_fate fate =
		query_ask(&dns.query, name, type, s->deadline, &m);

	*n = 0;
	if (fate != DNSMSG_DATA)
		return fate;
	while (*n < DNS_ADDRESSES && dnsmsg_next(&m, &record))
		if (s->local_counts || !is_link_local(&record.ip))
			out[(*n)++] = record.ip;
	return *n ? DNSMSG_DATA : DNSMSG_NODATA;
}

/* Both families (C-078). One that answers is enough; without any, a failure
 * of either leaves it open. */
static enum dnsmsg_fate
find_addresses(const struct search *s, struct span name, struct dns_host *host)
{
	struct ip v6[DNS_ADDRESSES];
	struct ip v4[DNS_ADDRESSES];
	size_t n6;
	size_t n4;
	enum dnsmsg_fate fate6 = ask_addresses(s, name, DNSMSG_AAAA, v6, &n6);
	enum dnsmsg_fate fate4 = ask_addresses(s, name, DNSMSG_A, v4, &n4);

	host->addresses = mx_interleave(host->address, v6, n6, v4, n4);
	if (host->addresses)
		return DNSMSG_DATA;
	if (fate6 == DNSMSG_FAILED || fate4 == DNSMSG_FAILED)
		return DNSMSG_FAILED;
	return fate4;
}

static void
name_host(struct dns_host *host, struct span name)
{
	struct buf text = BUF(host->name);

	buf_span(&text, span_head(name, LIMIT_DOMAIN));
	buf_cstr(&text);
}

/* Addresses that need no DNS (RFC 6761 6.3 for localhost). */
static size_t
find_nearby(struct span name, struct ip *out)
{
	static const struct ip loopback[] = {
		{.family = IP_V6,  .byte = { [15] = 1 }    },
		{ .family = IP_V4, .byte = { 127, 0, 0, 1 }},
	};
	size_t n = hosts_find(dns.hosts, name, out, DNS_ADDRESSES);

	if (n == 0 && (span_eq_nocase(name, SPAN("localhost")) ||
			      span_ends_nocase(name, SPAN(".localhost")))) {
		memcpy(out, loopback, sizeof loopback);
		n = LEN(loopback);
	}
	return n;
}

/* [name]: the host's own addresses. */
static enum dns_verdict
find_host(const struct search *s, struct span name, struct dns_host *host,
	size_t *count)
{
	name_host(host, name);
	host->addresses = find_nearby(name, host->address);
	if (host->addresses == 0)
		switch (find_addresses(s, name, host)) {
		case DNSMSG_DATA:
			break;
		case DNSMSG_NXDOMAIN:
			return DNS_NO_DOMAIN;
		case DNSMSG_NODATA:
			return DNS_NO_ADDRESS;
		default:
			return DNS_LATER;
		}
	*count = 1;
	return DNS_OK;
}

/* [192.0.2.1]: on our own port 25 we would only meet ourselves. */
static enum dns_verdict
take_literal(const struct search *s, const struct route *route,
	struct dns_host *host, size_t *count)
{
	struct buf text = BUF(host->name);

	ip_print_literal(&text, &route->ip);
	buf_cstr(&text);
	host->address[0] = route->ip;
	host->addresses = 1;
	if (route->port == 25 && is_own(s, &route->ip))
		return DNS_LOOP;
	*count = 1;
	return DNS_OK;
}

static void
log_ignored(struct span domain, const struct dnsmsg_record *record)
{
	char target[DNSMSG_TEXT];
	struct buf text = BUF(target);
	struct log line;

	dnsmsg_print(&text, &record->name);
	log_begin(&line, LOG_LEVEL_WARNING, "mx-ignored");
	log_text(&line, "domain", domain);
	log_text(&line, "target", buf_text(&text));
	log_write(&line);
}

/* The MX records of a domain, or the domain itself (RFC 5321 5.1). */
static enum dns_verdict
find_mx(const struct search *s, struct span domain)
{
	uint32_t random[2 * MX_MAX];
	struct dnsmsg_record record;
	struct dnsmsg m;
	size_t i = 0;

	dns.set = (struct mx_set){ .count = 0 };
	switch (query_ask(&dns.query, domain, DNSMSG_MX, s->deadline, &m)) {
	case DNSMSG_DATA:
		break;
	case DNSMSG_NODATA:
		dns.set.count = 1;
		memcpy(dns.set.mx[0].name, domain.p, domain.n);
		return DNS_OK;
	case DNSMSG_NXDOMAIN:
		return DNS_NO_DOMAIN;
	default:
		return DNS_LATER;
	}
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return DNS_LATER;
	while (dnsmsg_next(&m, &record))
		if (!mx_add(&dns.set, &record, s->local_counts,
			    random[i++ % LEN(random)]))
			log_ignored(domain, &record);
	if (mx_refused(&dns.set))
		return DNS_NULL_MX;
	return dns.set.count ? DNS_OK : DNS_NO_ADDRESS;
}

static void
cut_hosts(const struct dns_host *hosts, size_t *count, int preference)
{
	while (*count && hosts[*count - 1].preference >= preference)
		(*count)--;
}

/* The addresses of the hosts in dns.set, up to this host. */
static enum dns_verdict
find_mx_hosts(const struct search *s, struct dns_host *hosts, size_t *count)
{
	int own = NEVER;   /* preference of this host */
	int later = NEVER; /* best preference that could not be asked */

	if (!s->own_counts && mx_cut(&dns.set, span_of(s->own_name)))
		own = UINT16_MAX + 1;
	for (size_t i = 0; i < dns.set.count && own > UINT16_MAX; i++) {
		const struct mx *mx = &dns.set.mx[i];
		struct dns_host *host = &hosts[*count];
		enum dnsmsg_fate fate;

		name_host(host, span_of(mx->name));
		host->preference = mx->preference;
		fate = find_addresses(s, span_of(mx->name), host);
		if (fate == DNSMSG_FAILED && later == NEVER)
			later = mx->preference;
		if (fate != DNSMSG_DATA)
			continue;
		if (host_is_own(s, host)) {
			own = mx->preference;
			cut_hosts(hosts, count, own);
		} else {
			++*count;
		}
	}
	if (*count)
		return DNS_OK;
	if (later < own)
		return DNS_ADDRESS_LATER;
	return own < NEVER ? DNS_LOOP : DNS_NO_ADDRESS;
}

/* Nobody spoke when the last question was asked. Silence may be that of the
 * domain's own servers, for which ours still wait: what any server knows at
 * once tells them apart. */
static bool
is_mute(void)
{
	struct dnsmsg m;

	if (dns.query.heard)
		return false;
	query_ask(&dns.query, SPAN("localhost"), DNSMSG_A,
		clock_ms() + TOTAL_MS, &m);
	return !dns.query.heard;
}

static enum dns_verdict
find_hosts(const struct route *route, const char *own_name, bool smarthost,
	struct dns_host *hosts, size_t *count)
{
	const struct search s = { .own_name = own_name,
		.local_counts = smarthost || dns.mxlocal,
		.own_counts = smarthost,
		.deadline = clock_ms() + TOTAL_MS };
	enum dns_verdict verdict;
	char text[DNSMSG_WIRE - 2]; /* more is no name (RFC 1035 2.3.4) */
	struct buf name = BUF(text);

	*count = 0;
	if (!dns.ready)
		return DNS_CONFIG;
	if (route->ip.family)
		return take_literal(&s, route, hosts, count);
	switch (idna_domain(&name, route->name)) {
	case -1:
		return DNS_NO_DOMAIN;
	case -2:
		return DNS_LATER;
	}
	if (!route->use_mx)
		return find_host(&s, buf_text(&name), hosts, count);
	verdict = find_mx(&s, buf_text(&name));
	/* A smarthost may be a name that only /etc/hosts or a container's
	 * resolver knows, and those know no MX. */
	if (verdict == DNS_NO_DOMAIN && smarthost)
		return find_host(&s, buf_text(&name), hosts, count);
	return verdict == DNS_OK ? find_mx_hosts(&s, hosts, count) : verdict;
}

enum dns_verdict
dns_hosts(const struct route *route, const char *own_name, bool smarthost,
	struct dns_host *hosts, size_t *count)
{
	enum dns_verdict verdict;

	dns.query.heard = true; /* nothing was asked yet */
	verdict = find_hosts(route, own_name, smarthost, hosts, count);
	if ((verdict == DNS_LATER || verdict == DNS_ADDRESS_LATER) && is_mute())
		return DNS_MUTE;
	return verdict;
}
