/* SPDX-License-Identifier: ISC */
#include "pure/people.h"

#include "pure/address.h"
#include "pure/ascii.h"

/* FNV-1a without case: equal addresses are equal in it. */
static uint32_t
hash(struct span address)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < address.n; i++)
		h = (h ^ (unsigned char)ascii_lower(address.p[i])) * 16777619U;
	return h ^ h >> 15;
}

static bool
same(struct span a, struct span b)
{
	struct span domain = address_domain_of(a);

	return a.n == b.n &&
	       span_eq(span_head(a, a.n - domain.n),
		       span_head(b, a.n - domain.n)) &&
	       span_eq_nocase(a, b);
}

/* The address that begins at octet `at`. */
static struct span
person(const struct people *p, size_t at)
{
	return span_of(p->text + at);
}

/* The slot that has this address, or the empty one where it belongs. */
static uint32_t *
find(struct people *p, struct span address)
{
	uint32_t i = hash(address) % PEOPLE_SLOTS;

	while (p->slot[i] && !same(person(p, p->slot[i] - 1), address))
		i = (i + 1) % PEOPLE_SLOTS;
	return &p->slot[i];
}

int
people_add(struct people *p, struct span address)
{
	uint32_t *slot = find(p, address);

	if (*slot)
		return 0;
	if (p->count == PEOPLE_MAX || address.n >= PEOPLE_TEXT - p->len)
		return -1;
	*slot = (uint32_t)p->len + 1;
	memcpy(p->text + p->len, address.p, address.n);
	p->text[p->len + address.n] = '\0';
	p->len += address.n + 1;
	p->count++;
	return 0;
}

bool
people_next(const struct people *p, size_t *at, struct span *address)
{
	if (*at == p->len)
		return false;
	*address = person(p, *at);
	*at += address->n + 1;
	return true;
}

void
people_cut(struct people *p, size_t len)
{
	struct span address;
	size_t at = 0;

	memset(p->slot, 0, sizeof p->slot);
	p->len = len;
	p->count = 0;
	while (people_next(p, &at, &address)) {
		*find(p, address) = (uint32_t)(address.p - p->text) + 1;
		p->count++;
	}
}
