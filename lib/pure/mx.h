/* SPDX-License-Identifier: ISC
 *
 * mx: which of a domain's MX records count, and in which order (RFC 5321 5.1,
 * RFC 7505). */
#ifndef PURE_MX_H
#define PURE_MX_H

#include "pure/dnsmsg.h"

enum {
	MX_MAX = 100,      /* records that count: the best ones (C-085) */
	MX_ADDRESSES = 16, /* addresses of one host that count */
};

struct mx {
	char name[LIMIT_DOMAIN + 1];
	uint16_t preference;
	uint32_t random; /* the order of equals */
};

/* All zero is the set without records. The best host stands first. */
struct mx_set {
	size_t count;
	size_t ignored; /* records that are no hosts (C-081, C-084) */
	bool null;      /* a record with the target `.` was there */
	struct mx mx[MX_MAX];
};

/* Adds a record, in its place by preference, then by `random`. Targets that
 * are no host names, addresses written as names, localhost and names below it
 * are ignored; the last three count with `mxlocal`. Of more than MX_MAX the
 * worst are left out. Returns false when the record was ignored. */
bool mx_add(struct mx_set *set, const struct dnsmsg_record *record,
	bool mxlocal, uint32_t random);

/* True when mail for the domain is refused by its owner: `.` and nothing
 * else (RFC 7505 3). */
bool mx_refused(const struct mx_set *set);

/* Removes the hosts that are no better than this one, given its name: what it
 * accepted as a backup must only go to better hosts (RFC 5321 5.1). Returns
 * true when some were removed. */
bool mx_cut(struct mx_set *set, struct span own_name);

/* Merges a host's addresses of two families by turns, the first family first,
 * so that a dead family costs one attempt (C-078). Returns how many there are
 * now, at most MX_ADDRESSES. */
size_t mx_interleave(struct ip out[MX_ADDRESSES], const struct ip *first,
	size_t n_first, const struct ip *second, size_t n_second);

#endif
