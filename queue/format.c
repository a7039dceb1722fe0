/* SPDX-License-Identifier: ISC */
#include "queue/format.h"

#include "pure/ascii.h"
#include "pure/crc.h"
#include "pure/limits.h"

/* The header in words: see queue/README. Octets of its numbers, and where the
 * checksum over all that stands before it begins. */
enum {
	SIZE_DIGITS = 16,
	TIME_DIGITS = 18,
	SUM_DIGITS = 8,
	SEED_AT = QUEUE_HEADER - SUM_DIGITS - 1,
};

#define MAGIC "postern-queue 1\n"

/* Every enum queue_mark. */
#define MARKS "dfthxwDRFW"

/* An id: five bits a character, in an alphabet that sorts by value. */
enum { ID_TIME = 11, ID_CHANCE = QUEUE_ID - ID_TIME };

static void
put_fixed(struct buf *out, uint64_t n, int digits)
{
	char text[20];

	for (int i = digits; i--; n /= 10)
		text[i] = (char)('0' + n % 10);
	buf_span(out, (struct span){ text, (size_t)digits });
}

void
queue_header_print(char out[QUEUE_HEADER], const struct queue_header *h)
{
	struct buf b = { out, QUEUE_HEADER, 0, false };

	buf_str(&b, MAGIC "size ");
	put_fixed(&b, h->size, SIZE_DIGITS);
	buf_str(&b, "\nenvelope ");
	put_fixed(&b, h->envelope, SIZE_DIGITS);
	buf_str(&b, "\narrival ");
	put_fixed(&b, h->arrival_us > 0 ? (uint64_t)h->arrival_us : 0,
		TIME_DIGITS);
	buf_str(&b, "\nchecksums ");
	buf_hex(&b, h->text_crc, SUM_DIGITS);
	buf_char(&b, ' ');
	buf_hex(&b, h->envelope_crc, SUM_DIGITS);
	buf_char(&b, ' ');
	buf_hex(&b, crc32c(0, buf_text(&b)), SUM_DIGITS);
	buf_char(&b, '\n');
}

/* The number of a header field; what is not one fails the comparison with the
 * header printed again. */
static uint64_t
fixed_at(const char *p, size_t digits)
{
	uint64_t n = 0;

	(void)span_number((struct span){ p, digits }, &n);
	return n;
}

static uint32_t
hex_at(const char *p)
{
	uint32_t n = 0;

	for (int i = 0; i < SUM_DIGITS; i++)
		n = n << 4 | (uint32_t)(ascii_hex(p[i]) & 15);
	return n;
}

int
queue_header_parse(const char in[QUEUE_HEADER], struct queue_header *h)
{
	char again[QUEUE_HEADER];
	const char *at = in + sizeof MAGIC - 1;

	at += sizeof "size " - 1;
	h->size = fixed_at(at, SIZE_DIGITS);
	at += SIZE_DIGITS + sizeof "\nenvelope " - 1;
	h->envelope = fixed_at(at, SIZE_DIGITS);
	at += SIZE_DIGITS + sizeof "\narrival " - 1;
	h->arrival_us = (int64_t)fixed_at(at, TIME_DIGITS);
	at += TIME_DIGITS + sizeof "\nchecksums " - 1;
	h->text_crc = hex_at(at);
	h->envelope_crc = hex_at(at + SUM_DIGITS + 1);
	queue_header_print(again, h);
	return memcmp(in, again, QUEUE_HEADER) == 0 ? 0 : -1;
}

uint32_t
queue_header_seed(const char header[QUEUE_HEADER])
{
	return hex_at(header + SEED_AT);
}

/* Writes the lowest 5 * digits bits of n. */
static void
put_base32(char *out, uint64_t n, int digits)
{
	for (int i = digits; i--; n >>= 5)
		out[i] = "0123456789abcdefghijklmnopqrstuv"[n & 31];
}

void
queue_id_print(char out[QUEUE_ID], int64_t time_us, uint64_t chance)
{
	put_base32(out, time_us > 0 ? (uint64_t)time_us : 0, ID_TIME);
	put_base32(out + ID_TIME, chance, ID_CHANCE);
}

int64_t
queue_id_time(const char id[QUEUE_ID])
{
	uint64_t time = 0;

	for (int i = 0; i < ID_TIME; i++)
		time = time << 5 | (uint64_t)(id[i] <= '9' ? id[i] - '0'
							   : id[i] - 'a' + 10);
	return (int64_t)time;
}

bool
queue_id_valid(struct span text)
{
	if (text.n != QUEUE_ID)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!ascii_digit(c) && !(c >= 'a' && c <= 'v'))
			return false;
	}
	/* 64 bits in 13 characters leave one bit of the first unused */
	return text.p[ID_TIME] < 'g';
}

void
queue_envelope_put(struct buf *out, char letter, struct span value)
{
	buf_number(out, value.n + 1);
	buf_char(out, ':');
	buf_char(out, letter);
	buf_span(out, value);
	buf_char(out, ',');
}

int
queue_envelope_next(struct span *rest, char *letter, struct span *value)
{
	size_t colon;
	uint64_t n;
	struct span length;

	if (rest->n == 0)
		return 0;
	colon = span_find(span_head(*rest, QUEUE_LENGTH + 1), ':');
	length = span_head(*rest, colon);
	if (colon > QUEUE_LENGTH || colon == rest->n ||
		span_number(length, &n) != 0 || length.p[0] == '0' ||
		n >= LIMIT_RECORD || n >= rest->n - colon - 1 ||
		rest->p[colon + 1 + n] != ',')
		return -1;
	*letter = rest->p[colon + 1];
	*value = (struct span){ rest->p + colon + 2, (size_t)n - 1 };
	*rest = span_from(*rest, colon + (size_t)n + 2);
	return 1;
}

/* Words of a line are kept apart by spaces, so they hold none: what is not
 * visible is shown as '?', and an empty or endless word as "-". */
static void
put_word(struct buf *out, struct span word)
{
	if (word.n == 0 || word.n > QUEUE_WORD)
		word = SPAN("-");
	for (size_t i = 0; i < word.n; i++)
		buf_char(out, ascii_visible(word.p[i]) ? word.p[i] : '?');
	buf_char(out, ' ');
}

void
queue_record_print(
	struct buf *out, uint32_t seed, const struct queue_record *record)
{
	char line[QUEUE_JOURNAL];
	struct buf b = BUF(line);
	struct span text = span_head(record->text, QUEUE_TEXT);

	buf_char(&b, (char)record->mark);
	buf_char(&b, ' ');
	buf_number(&b, record->time > 0 ? (uint64_t)record->time : 0);
	buf_char(&b, ' ');
	buf_number(&b, record->rcpt);
	buf_char(&b, ' ');
	put_word(&b, record->status);
	put_word(&b, record->peer);
	for (size_t i = 0; i < text.n; i++)
		buf_char(&b, ascii_visible(text.p[i]) || text.p[i] == ' '
				     ? text.p[i]
				     : '?');
	if (SUM_DIGITS + 2 + b.len > out->cap - out->len) {
		out->over = true;
		return;
	}
	buf_hex(out, crc32c(seed, buf_text(&b)), SUM_DIGITS);
	buf_char(out, ' ');
	buf_span(out, buf_text(&b));
	buf_char(out, '\n');
}

/* Takes a word off the front of a line. */
static struct span
take_word(struct span *line)
{
	struct span word = span_head(*line, span_find(*line, ' '));

	*line = span_from(*line, word.n + 1);
	return word;
}

bool
queue_mark_tells(enum queue_mark mark)
{
	return mark == QUEUE_TELL_DELIVERED || mark == QUEUE_TELL_RELAYED ||
	       mark == QUEUE_TELL_FAILED || mark == QUEUE_TELL_DELAYED;
}

int
queue_record_next(struct span *rest, uint32_t seed, struct queue_record *record)
{
	char again[QUEUE_JOURNAL];
	struct buf b = BUF(again);
	struct span near = span_head(*rest, QUEUE_JOURNAL);
	struct span line = span_head(near, span_find(near, '\n'));
	struct span left = line;
	struct span mark;
	uint64_t time;

	if (line.n == near.n)
		return 0;
	take_word(&left);
	mark = take_word(&left);
	if (mark.n != 1 ||
		span_find(SPAN(MARKS), mark.p[0]) == sizeof MARKS - 1 ||
		span_number(take_word(&left), &time) != 0 || time > INT64_MAX ||
		span_number(take_word(&left), &record->rcpt) != 0)
		return 0;
	record->mark = (enum queue_mark)mark.p[0];
	record->time = (int64_t)time;
	record->status = take_word(&left);
	record->peer = take_word(&left);
	record->text = left;
	/* one spelling only, checksum included */
	queue_record_print(&b, seed, record);
	if (b.over ||
		!span_eq(buf_text(&b), (struct span){ line.p, line.n + 1 }))
		return 0;
	*rest = span_from(*rest, line.n + 1);
	return 1;
}
