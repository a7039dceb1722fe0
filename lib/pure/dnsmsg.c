/* SPDX-License-Identifier: ISC */
#include "pure/dnsmsg.h"

#include "pure/address.h"
#include "pure/ascii.h"

/* RFC 1035 4.1.1: the header and the bits of its second word. */
enum {
	HEADER = 12,
	QUESTION_TAIL = 4,
	BIT_QR = 0x8000,
	BIT_AA = 0x0400,
	BIT_TC = 0x0200,
	BIT_RD = 0x0100,
	BIT_RA = 0x0080,
	MASK_OPCODE = 0x7800,
	MASK_RCODE = 0x000f,
	RCODE_NONE = 0,
	RCODE_FORMERR = 1,
	RCODE_NXDOMAIN = 3,
	CLASS_IN = 1,
	TYPE_OPT = 41,
	POINTER = 0xc0,
	LABEL = 63,
};

static void
put16(struct buf *out, uint16_t n)
{
	buf_char(out, (char)(n >> 8));
	buf_char(out, (char)(n & 0xff));
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Appends the labels of a host name. */
static int
put_name(struct buf *out, struct span name, uint64_t mix)
{
	size_t start = 0;

	if (name.n == 0 || name.n > DNSMSG_WIRE - 2)
		return -1;
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '.')
			continue;
		if (i == start || i - start > LABEL)
			return -1;
		buf_char(out, (char)(i - start));
		for (; start < i; start++) {
			char c = name.p[start];

			if (ascii_alpha(c) && mix >> start % 64 & 1)
				c ^= 'a' ^ 'A';
			buf_char(out, c);
		}
		start++;
	}
	buf_char(out, '\0');
	return 0;
}

int
dnsmsg_ask(struct buf *out, uint16_t id, struct span name, uint16_t type,
	uint64_t mix, bool edns)
{
	put16(out, id);
	put16(out, BIT_RD);
	put16(out, 1);
	put16(out, 0);
	put16(out, 0);
	put16(out, edns);
	if (put_name(out, name, mix) == -1)
		return -1;
	put16(out, type);
	put16(out, CLASS_IN);
	if (edns) {
		/* RFC 6891 6.1.2: root, OPT, size, extended rcode and flags,
		 * no data */
		buf_char(out, '\0');
		put16(out, TYPE_OPT);
		put16(out, DNSMSG_UDP);
		put16(out, 0);
		put16(out, 0);
		put16(out, 0);
	}
	return out->over ? -1 : 0;
}

/* Reads the name that begins at `at`. Returns where the octets after it
 * begin, or 0 (never the end of a name): outside the message, over 255
 * octets, a pointer that does not point backwards. */
static size_t
get_name(const struct dnsmsg *m, size_t at, struct dnsmsg_name *out)
{
	size_t limit = at; /* pointers lead to before this */
	size_t end = 0;

	out->n = 0;
	while (at < m->n) {
		size_t length = m->p[at];

		if ((length & POINTER) == POINTER) {
			if (m->n - at < 2)
				return 0;
			if (!end)
				end = at + 2;
			at = get16(m->p + at) & 0x3fff;
			if (at >= limit)
				return 0;
			limit = at;
			continue;
		}
		if (length > LABEL || length >= m->n - at ||
			length + 1 > DNSMSG_WIRE - out->n)
			return 0;
		memcpy(out->wire + out->n, m->p + at, length + 1);
		out->n += length + 1;
		at += length + 1;
		if (length == 0)
			return end ? end : at;
	}
	return 0;
}

/* Lengths are under 64, so they never look like letters. */
static bool
name_eq(const struct dnsmsg_name *a, const struct dnsmsg_name *b)
{
	return span_eq_nocase((struct span){ (const char *)a->wire, a->n },
		(struct span){ (const char *)b->wire, b->n });
}

/* One resource record as it stands (RFC 1035 4.1.3). */
struct raw {
	struct dnsmsg_name owner;
	uint16_t type;
	uint16_t class;
	size_t data; /* where RDATA begins */
	size_t size;
};

/* Returns where the next record begins, or 0. */
static size_t
get_raw(const struct dnsmsg *m, size_t at, struct raw *out)
{
	at = get_name(m, at, &out->owner);
	if (!at || m->n - at < 10)
		return 0;
	out->type = get16(m->p + at);
	out->class = get16(m->p + at + 2);
	out->size = get16(m->p + at + 8);
	out->data = at + 10;
	if (m->n - out->data < out->size)
		return 0;
	return out->data + out->size;
}

/* A name that must fill the rest of the RDATA. */
static bool
get_target(const struct dnsmsg *m, const struct raw *raw, size_t skip,
	struct dnsmsg_name *out)
{
	return raw->size > skip &&
	       get_name(m, raw->data + skip, out) == raw->data + raw->size;
}

/* The meaning of RDATA; false when it is not what its type says. */
static bool
get_data(const struct dnsmsg *m, const struct raw *raw,
	struct dnsmsg_record *out)
{
	switch (raw->type) {
	case DNSMSG_A:
		if (raw->size != 4)
			return false;
		out->ip = ip_from_bytes(m->p + raw->data, IP_V4);
		return true;
	case DNSMSG_AAAA:
		if (raw->size != 16)
			return false;
		out->ip = ip_from_bytes(m->p + raw->data, IP_V6);
		return true;
	case DNSMSG_CNAME:
		return get_target(m, raw, 0, &out->name);
	case DNSMSG_MX:
		if (raw->size < 3)
			return false;
		out->preference = get16(m->p + raw->data);
		return get_target(m, raw, 2, &out->name);
	default:
		return false;
	}
}

/* The next record of m->name with this type. Returns 1, 0 at the end, -1
 * when the message is malformed. */
static int
find_record(struct dnsmsg *m, uint16_t type, struct dnsmsg_record *out)
{
	struct raw raw;

	while (m->left) {
		m->at = get_raw(m, m->at, &raw);
		if (!m->at)
			return -1;
		m->left--;
		if (raw.type == type && raw.class == CLASS_IN &&
			name_eq(&raw.owner, &m->name))
			return get_data(m, &raw, out) ? 1 : -1;
	}
	return 0;
}

static void
rewind_records(struct dnsmsg *m)
{
	m->at = m->first;
	m->left = m->answers;
}

/* Moves m->name to the end of its CNAMEs, which may stand in any order.
 * Returns -1 when they are malformed or too many. */
static int
follow_links(struct dnsmsg *m)
{
	struct dnsmsg_record link;
	int found;

	for (;;) {
		rewind_records(m);
		found = find_record(m, DNSMSG_CNAME, &link);
		if (found != 1)
			return found;
		if (++m->links > DNSMSG_LINKS)
			return -1;
		m->name = link.name;
	}
}

/* How many of the records asked for are there; -1: malformed. */
static int
count_records(struct dnsmsg *m)
{
	struct dnsmsg_record record;
	int count = 0;
	int found;

	rewind_records(m);
	while ((found = find_record(m, m->type, &record)) == 1)
		count++;
	rewind_records(m);
	return found == -1 ? -1 : count;
}

/* The question must come back; a server that does not understand us, or will
 * not serve us, may leave it out. */
static bool
question_matches(struct dnsmsg *m, struct span question)
{
	struct dnsmsg asked = { .p = (const uint8_t *)question.p,
		.n = question.n };
	struct dnsmsg_name back;
	size_t end = get_name(&asked, HEADER, &asked.name);
	size_t at;

	if (!end || question.n - end < QUESTION_TAIL)
		return false;
	m->name = asked.name;
	m->type = get16(asked.p + end);
	if (get16(m->p + 4) == 0)
		return m->rcode != RCODE_NONE && m->rcode != RCODE_NXDOMAIN;
	at = get_name(m, HEADER, &back);
	if (get16(m->p + 4) != 1 || !at || m->n - at < QUESTION_TAIL ||
		memcmp(m->p + at, asked.p + end, QUESTION_TAIL) != 0 ||
		!name_eq(&back, &asked.name))
		return false;
	m->exact = memcmp(back.wire, asked.name.wire, back.n) == 0;
	m->first = at + QUESTION_TAIL;
	return true;
}

/* What an answer without errors of form says. */
static enum dnsmsg_fate
judge_answer(struct dnsmsg *m, unsigned bits)
{
	int count;

	if (m->rcode != RCODE_NONE && m->rcode != RCODE_NXDOMAIN)
		return DNSMSG_FAILED;
	m->answers = get16(m->p + 6);
	if (follow_links(m) == -1)
		return DNSMSG_FAILED;
	count = count_records(m);
	if (count > 0 && m->rcode == RCODE_NONE)
		return DNSMSG_DATA;
	/* A server that neither asks on nor is the authority for the last
	 * name has not said that there is nothing. */
	if (count != 0 || !(bits & BIT_RA || (bits & BIT_AA && !m->links)))
		return DNSMSG_FAILED;
	return m->rcode == RCODE_NXDOMAIN ? DNSMSG_NXDOMAIN : DNSMSG_NODATA;
}

enum dnsmsg_fate
dnsmsg_open(struct dnsmsg *m, struct span message, struct span question)
{
	unsigned bits;

	*m = (struct dnsmsg){ .p = (const uint8_t *)message.p, .n = message.n };
	if (m->n < HEADER || question.n < HEADER ||
		memcmp(m->p, question.p, 2) != 0)
		return DNSMSG_FOREIGN;
	bits = get16(m->p + 2);
	m->rcode = bits & MASK_RCODE;
	m->truncated = bits & BIT_TC;
	if (!(bits & BIT_QR) || bits & MASK_OPCODE ||
		!question_matches(m, question))
		return DNSMSG_FOREIGN;
	if (m->rcode == RCODE_FORMERR)
		return DNSMSG_FORMERR;
	if (m->truncated)
		return DNSMSG_TRUNCATED;
	return judge_answer(m, bits);
}

bool
dnsmsg_next(struct dnsmsg *m, struct dnsmsg_record *out)
{
	*out = (struct dnsmsg_record){ .preference = 0 };
	return find_record(m, m->type, out) == 1;
}

bool
dnsmsg_root(const struct dnsmsg_name *name)
{
	return name->n == 1;
}

void
dnsmsg_print(struct buf *out, const struct dnsmsg_name *name)
{
	size_t at = 0;

	if (dnsmsg_root(name))
		buf_char(out, '.');
	while (at < name->n && name->wire[at]) {
		size_t end = at + 1 + name->wire[at];

		if (at)
			buf_char(out, '.');
		while (++at < end) {
			unsigned char c = name->wire[at];

			if (c == '.' || c == '\\') {
				buf_char(out, '\\');
				buf_char(out, (char)c);
			} else if (ascii_visible((char)c)) {
				buf_char(out, (char)c);
			} else {
				buf_char(out, '\\');
				buf_char(out, (char)('0' + c / 100));
				buf_char(out, (char)('0' + c / 10 % 10));
				buf_char(out, (char)('0' + c % 10));
			}
		}
	}
}

bool
dnsmsg_host(const struct dnsmsg_name *name, char *out)
{
	struct buf text = { out, LIMIT_DOMAIN + 1, 0, false };

	dnsmsg_print(&text, name);
	for (size_t i = 0; i < text.len; i++)
		out[i] = ascii_lower(out[i]);
	buf_cstr(&text);
	if (!text.over && address_domain_valid(buf_text(&text), false))
		return true;
	out[0] = '\0';
	return false;
}
