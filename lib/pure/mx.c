/* SPDX-License-Identifier: ISC */
#include "pure/mx.h"

static bool
mx_before(const struct mx *a, const struct mx *b)
{
	if (a->preference != b->preference)
		return a->preference < b->preference;
	return a->random < b->random;
}

/* Names that could only lead back to this machine, or past the DNS. */
static bool
is_local_name(struct span name)
{
	struct ip ip;

	return ip_parse(name, &ip) == 0 ||
	       span_eq_nocase(name, SPAN("localhost")) ||
	       span_ends_nocase(name, SPAN(".localhost"));
}

bool
mx_add(struct mx_set *set, const struct dnsmsg_record *record, bool mxlocal,
	uint32_t random)
{
	struct mx new = { .preference = record->preference, .random = random };
	size_t at;

	if (dnsmsg_root(&record->name)) {
		set->null = true;
		return true;
	}
	if (!dnsmsg_host(&record->name, new.name) ||
		(!mxlocal && is_local_name(span_of(new.name)))) {
		set->ignored++;
		return false;
	}
	if (set->count == MX_MAX) {
		if (!mx_before(&new, &set->mx[MX_MAX - 1]))
			return true;
		set->count--;
	}
	for (at = set->count; at > 0 && mx_before(&new, &set->mx[at - 1]); at--)
		set->mx[at] = set->mx[at - 1];
	set->mx[at] = new;
	set->count++;
	return true;
}

bool
mx_refused(const struct mx_set *set)
{
	return set->null && set->count == 0 && set->ignored == 0;
}

bool
mx_cut(struct mx_set *set, struct span own_name)
{
	size_t own = 0;
	size_t keep = 0;

	while (own < set->count &&
		!span_eq_nocase(span_of(set->mx[own].name), own_name))
		own++;
	if (own == set->count)
		return false;
	while (set->mx[keep].preference < set->mx[own].preference)
		keep++;
	set->count = keep;
	return true;
}

size_t
mx_interleave(struct ip out[MX_ADDRESSES], const struct ip *first,
	size_t n_first, const struct ip *second, size_t n_second)
{
	size_t n = 0;

	for (size_t i = 0; i < n_first || i < n_second; i++) {
		if (i < n_first && n < MX_ADDRESSES)
			out[n++] = first[i];
		if (i < n_second && n < MX_ADDRESSES)
			out[n++] = second[i];
	}
	return n;
}
