/* SPDX-License-Identifier: ISC */
#include "pure/proxy.h"

#include "pure/crc.h"

static const struct span line_start = SPAN_INIT("PROXY ");
static const struct span signature = SPAN_INIT("\r\n\r\n\0\r\nQUIT\n");

/* Offsets in a header of version 2. */
enum {
	AT_COMMAND = 12,
	AT_FAMILY = 13,
	AT_LENGTH = 14,
};

enum {
	COMMAND_LOCAL = 0x20, /* with the version in the upper half */
	COMMAND_PROXY = 0x21,
	TLV_HEAD = 3, /* type, length */
	TLV_CRC32C = 3,
};

static enum proxy_verdict
bad(struct proxy *p, const char *why)
{
	p->why = why;
	return PROXY_BAD;
}

static bool
starts_like(const struct proxy *p, struct span start)
{
	size_t n = p->len < start.n ? p->len : start.n;

	return memcmp(p->head, start.p, n) == 0;
}

static unsigned
octet_at(const struct proxy *p, size_t at)
{
	return (unsigned char)p->head[at];
}

static unsigned
number_at(const struct proxy *p, size_t at)
{
	return octet_at(p, at) << 8 | octet_at(p, at + 1);
}

/* --- version 1 --- */

/* The next word; exactly one space stands between two. */
static struct span
take_word(struct span *text)
{
	size_t space = span_find(*text, ' ');
	struct span word = span_head(*text, space);

	*text = span_from(*text, space + 1);
	return word;
}

static bool
read_port(struct span word, uint16_t *port)
{
	uint64_t n;

	if (word.n > 5 || (word.n > 1 && word.p[0] == '0') ||
		span_number(word, &n) != 0 || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

static bool
read_address(struct span word, bool v6, struct ip *ip)
{
	return (span_find(word, ':') < word.n) == v6 && ip_parse(word, ip) == 0;
}

/* TCP4 or TCP6, the two addresses, the two ports. */
static bool
read_ends(struct proxy *p, struct span text)
{
	struct span family = take_word(&text);
	bool v6 = span_eq(family, SPAN("TCP6"));

	return (v6 || span_eq(family, SPAN("TCP4"))) &&
	       read_address(take_word(&text), v6, &p->there.ip) &&
	       read_address(take_word(&text), v6, &p->here.ip) &&
	       read_port(take_word(&text), &p->there.port) &&
	       read_port(text, &p->here.port);
}

static enum proxy_verdict
read_line(struct proxy *p)
{
	struct span text = { p->head, p->len - 1 };
	struct span rest;

	if (text.p[text.n - 1] != '\r')
		return bad(p, "its line ends without CR");
	text.n--;
	text = span_from(text, line_start.n);
	rest = text;
	if (span_eq(take_word(&rest), SPAN("UNKNOWN")))
		return PROXY_SELF;
	if (!read_ends(p, text))
		return bad(p, "its line is not TCP4 or TCP6 with two "
			      "addresses and two ports, nor UNKNOWN");
	return PROXY_CLIENT;
}

static enum proxy_verdict
judge_line(struct proxy *p)
{
	if (!starts_like(p, line_start))
		return bad(p, "there is none");
	if (p->head[p->len - 1] == '\n')
		return read_line(p);
	if (p->len == LIMIT_PROXY_LINE)
		return bad(p, "its line is longer than 107 octets");
	return PROXY_MORE;
}

/* --- version 2 --- */

/* The families of proxy-protocol.txt 2.2, over a stream. */
static const struct family {
	unsigned id;
	enum ip_family ip; /* IP_NONE: nothing that we could use */
	size_t address;    /* octets of one */
	size_t size;       /* of both addresses with what belongs to them */
} families[] = {
	{0x00,  IP_NONE, 0,   0  },
	{ 0x11, IP_V4,   4,   12 },
	{ 0x21, IP_V6,   16,  36 },
	{ 0x31, IP_NONE, 108, 216},
};

static const struct family *
find_family(unsigned id)
{
	for (size_t i = 0; i < LEN(families); i++)
		if (families[i].id == id)
			return &families[i];
	return NULL;
}

/* Is this the checksum of the header with four zeros in its place? */
static bool
checksum_right(const struct proxy *p, size_t at)
{
	struct span all = { p->head, p->len };
	uint32_t crc = crc32c(0, span_head(all, at));

	crc = crc32c(crc, SPAN("\0\0\0\0"));
	crc = crc32c(crc, span_from(all, at + 4));
	return crc >> 16 == number_at(p, at) &&
	       (crc & 0xffff) == number_at(p, at + 2);
}

/* What follows the addresses: type, length, value. */
static enum proxy_verdict
judge_extensions(struct proxy *p, size_t at, enum proxy_verdict verdict)
{
	while (at < p->len) {
		size_t size;

		if (p->len - at < TLV_HEAD)
			return bad(p, "an extension runs over its end");
		size = number_at(p, at + 1);
		if (p->len - at - TLV_HEAD < size)
			return bad(p, "an extension runs over its end");
		if (octet_at(p, at) == TLV_CRC32C &&
			(size != 4 || !checksum_right(p, at + TLV_HEAD)))
			return bad(p, "its checksum is wrong");
		at += TLV_HEAD + size;
	}
	return verdict;
}

static enum proxy_verdict
read_binary(struct proxy *p)
{
	const struct family *f = find_family(octet_at(p, AT_FAMILY));
	const char *address = p->head + PROXY_HEAD;

	if (octet_at(p, AT_COMMAND) == COMMAND_LOCAL)
		return PROXY_SELF;
	if (!f)
		return bad(p, "its client has not come by TCP");
	if (p->len < PROXY_HEAD + f->size)
		return bad(p, "it is too short for its addresses");
	if (f->ip == IP_NONE)
		return judge_extensions(p, PROXY_HEAD + f->size, PROXY_SELF);
	p->there.ip = ip_from_bytes(address, f->ip);
	p->here.ip = ip_from_bytes(address + f->address, f->ip);
	p->there.port = (uint16_t)number_at(p, PROXY_HEAD + 2 * f->address);
	p->here.port = (uint16_t)number_at(p, PROXY_HEAD + 2 * f->address + 2);
	return judge_extensions(p, PROXY_HEAD + f->size, PROXY_CLIENT);
}

static enum proxy_verdict
judge_binary(struct proxy *p)
{
	unsigned command;

	if (!starts_like(p, signature))
		return bad(p, "there is none");
	if (p->len <= AT_COMMAND)
		return PROXY_MORE;
	command = octet_at(p, AT_COMMAND);
	if (command != COMMAND_LOCAL && command != COMMAND_PROXY)
		return bad(p, "its version or command is not known");
	if (p->len < PROXY_HEAD)
		return PROXY_MORE;
	if (number_at(p, AT_LENGTH) > LIMIT_PROXY)
		return bad(p, "it is longer than 536 octets");
	return p->len < PROXY_HEAD + number_at(p, AT_LENGTH) ? PROXY_MORE
							     : read_binary(p);
}

enum proxy_verdict
proxy_feed(struct proxy *p, struct span *in)
{
	enum proxy_verdict verdict = PROXY_MORE;

	while (in->n && verdict == PROXY_MORE) {
		p->head[p->len++] = in->p[0];
		*in = span_from(*in, 1);
		verdict = p->head[0] == line_start.p[0] ? judge_line(p)
							: judge_binary(p);
	}
	return verdict;
}
