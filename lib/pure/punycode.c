/* SPDX-License-Identifier: ISC */
#include "pure/punycode.h"

#include "pure/ascii.h"
#include "pure/limits.h"

/* RFC 3492 5. */
enum {
	BASE = 36,
	T_MIN = 1,
	T_MAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 0x80,
};

/* The code points of well-formed UTF-8; at most one an octet. */
static size_t
decode_utf8(struct span s, uint32_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80)
			out[n++] = c;
		else if (c < 0xc0)
			out[n - 1] = out[n - 1] << 6 | (c & 0x3f);
		else
			out[n++] = c & (c < 0xe0 ? 0x1f : c < 0xf0 ? 0x0f : 7);
	}
	return n;
}

/* RFC 3492 6.1 */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta /= first ? DAMP : 2;
	delta += delta / points;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* RFC 3492 6.3: a number of variable length. */
static void
put_delta(struct buf *out, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias           ? T_MIN
			     : k >= bias + T_MAX ? T_MAX
						 : k - bias;

		if (q < t)
			break;
		buf_char(out, digits[t + (q - t) % (BASE - t)]);
		q = (q - t) / (BASE - t);
	}
	buf_char(out, digits[q]);
}

/* The smallest code point that is n or more. */
static uint32_t
next_point(const uint32_t *point, size_t points, uint32_t n)
{
	uint32_t next = UINT32_MAX;

	for (size_t i = 0; i < points; i++)
		if (point[i] >= n && point[i] < next)
			next = point[i];
	return next;
}

/* A label has at most 63 octets and a code point 21 bits, so 32 bits hold
 * every delta: (0x10ffff + 1) * 64 < 2^32. */
static void
put_label(struct buf *out, const uint32_t *point, size_t points)
{
	uint32_t n = INITIAL_N;
	uint32_t delta = 0;
	uint32_t bias = INITIAL_BIAS;
	uint32_t done = 0;
	uint32_t basic;

	for (size_t i = 0; i < points; i++)
		if (point[i] < INITIAL_N) {
			buf_char(out, (char)point[i]);
			done++;
		}
	basic = done;
	if (basic)
		buf_char(out, '-');
	for (; done < points; delta++, n++) {
		uint32_t next = next_point(point, points, n);

		delta += (next - n) * (done + 1);
		n = next;
		for (size_t i = 0; i < points; i++) {
			if (point[i] < n)
				delta++;
			if (point[i] != n)
				continue;
			put_delta(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

/* One label, as it is or as its A-label. */
static int
put_any_label(struct buf *out, struct span label)
{
	uint32_t point[4 * LIMIT_LABEL];
	size_t points;

	if (!ascii_has_high(label)) {
		buf_span(out, label);
		return 0;
	}
	if (label.n > LEN(point) || !utf8_valid(label))
		return -1;
	points = decode_utf8(label, point);
	if (points > LIMIT_LABEL)
		return -1;
	buf_str(out, "xn--");
	put_label(out, point, points);
	return 0;
}

int
punycode_domain(struct buf *out, struct span domain)
{
	while (domain.n && !out->over) {
		struct span label = span_head(domain, span_find(domain, '.'));
		size_t start = out->len;

		if (put_any_label(out, label) == -1 ||
			out->len - start > LIMIT_LABEL)
			return -1;
		if (label.n < domain.n)
			buf_char(out, '.');
		domain = span_from(domain, label.n + 1);
	}
	return out->over ? -1 : 0;
}
