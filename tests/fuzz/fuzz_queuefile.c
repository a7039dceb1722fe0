/* SPDX-License-Identifier: ISC
 *
 * queue file: what is read from any octets prints as those octets; what is
 * written is read as it was; one flipped bit or a cut in a written file is
 * seen, or only takes lines off the journal's end. */
#include "tests/fuzz/fuzz.h"

#include "pure/crc.h"
#include "pure/limits.h"
#include "queue/format.h"

enum { MOST = 1 << 16 };

/* A file's parts; false when a reader would call it damaged. */
struct parts {
	struct queue_header header;
	uint32_t seed;
	struct span text;
	struct span envelope;
	struct span journal;
};

static bool
read_parts(struct span file, struct parts *p)
{
	uint32_t text_crc;
	uint32_t envelope_crc;

	if (file.n < QUEUE_HEADER ||
		queue_header_parse(file.p, &p->header) == -1)
		return false;
	p->seed = queue_header_seed(file.p);
	text_crc = p->header.text_crc;
	envelope_crc = p->header.envelope_crc;
	file = span_from(file, QUEUE_HEADER);
	if (p->header.size > file.n ||
		p->header.envelope > file.n - p->header.size)
		return false;
	p->text = span_head(file, (size_t)p->header.size);
	file = span_from(file, p->text.n);
	p->envelope = span_head(file, (size_t)p->header.envelope);
	p->journal = span_from(file, p->envelope.n);
	return crc32c(0, p->text) == text_crc &&
	       crc32c(0, p->envelope) == envelope_crc;
}

/* Reads any octets as each of the things a file is made of. */
static void
read_anything(struct span in)
{
	static char again[MOST];
	struct buf out = BUF(again);
	struct span rest = in;
	struct span value;
	struct queue_header header;
	struct queue_record record;
	char letter;

	if (in.n >= QUEUE_HEADER && queue_header_parse(in.p, &header) == 0) {
		queue_header_print(again, &header);
		MUST(memcmp(again, in.p, QUEUE_HEADER) == 0);
	}
	while (queue_envelope_next(&rest, &letter, &value) == 1) {
		MUST(value.n < LIMIT_RECORD);
		queue_envelope_put(&out, letter, value);
	}
	MUST(!out.over && out.len == in.n - rest.n);
	MUST(span_eq(buf_text(&out), span_head(in, out.len)));
	rest = in;
	out.len = 0;
	while (queue_record_next(&rest, 0, &record) == 1)
		queue_record_print(&out, 0, &record);
	MUST(!out.over && out.len == in.n - rest.n);
	MUST(span_eq(buf_text(&out), span_head(in, out.len)));
	(void)queue_id_valid(in);
}

/* Takes a word off the front: its length, then the word. */
static struct span
take_word(struct span *in)
{
	struct span word = span_head(*in, fuzz_choice(in));

	word = span_head(*in, word.n);
	*in = span_from(*in, word.n);
	return word;
}

static void
print_journal(struct buf *file, uint32_t seed, struct span *in, unsigned n)
{
	while (n--) {
		struct queue_record r = { .rcpt = fuzz_choice(in) };

		r.mark = (enum queue_mark) "dfthxwDRFW"[fuzz_choice(in) % 10];
		r.time = (int64_t)fuzz_choice(in) << fuzz_choice(in) % 56;
		r.status = take_word(in);
		r.peer = take_word(in);
		r.text = take_word(in);
		queue_record_print(file, seed, &r);
		MUST(!file->over);
	}
}

/* How many lines of a journal count. */
static size_t
count_lines(struct span journal, uint32_t seed)
{
	struct queue_record record;
	size_t n = 0;

	while (queue_record_next(&journal, seed, &record) == 1)
		n++;
	return n;
}

/* A time in an id comes back; another id is valid just when it looks so. */
static void
ids(struct span in)
{
	char id[QUEUE_ID];
	uint64_t time = 0;
	uint64_t chance = crc32c(0, in);

	memcpy(&time, in.p, in.n < sizeof time ? in.n : sizeof time);
	time >>= 13;
	queue_id_print(id, (int64_t)time, chance << 32 | chance);
	MUST(queue_id_valid((struct span){ id, QUEUE_ID }));
	MUST(queue_id_time(id) == (int64_t)time);
	(void)queue_mark_tells((enum queue_mark)(chance & 127));
}

static void
write_and_read(struct span in)
{
	static char bytes[MOST];
	struct buf file = BUF(bytes);
	struct queue_header header = { .arrival_us = fuzz_choice(&in) };
	unsigned records = fuzz_choice(&in) & 7;
	unsigned lines = fuzz_choice(&in) & 7;
	unsigned high = fuzz_choice(&in);
	unsigned where = high << 8 | fuzz_choice(&in);
	bool cut = fuzz_choice(&in) & 1;
	struct span text = take_word(&in);
	struct parts p;
	size_t good;
	size_t at;

	file.len = QUEUE_HEADER;
	buf_span(&file, text);
	header.size = text.n;
	header.text_crc = crc32c(0, text);
	for (at = file.len; records--;)
		queue_envelope_put(
			&file, (char)('A' + (records & 15)), take_word(&in));
	header.envelope = file.len - at;
	header.envelope_crc =
		crc32c(0, (struct span){ bytes + at, (size_t)header.envelope });
	queue_header_print(bytes, &header);
	print_journal(&file, queue_header_seed(bytes), &in, lines);

	MUST(read_parts(buf_text(&file), &p));
	MUST(span_eq(p.text, text));
	MUST(p.header.arrival_us == header.arrival_us);
	good = count_lines(p.journal, p.seed);
	MUST(good == lines);

	at = where % (8 * file.len);
	if (cut)
		file.len = at / 8;
	else
		bytes[at / 8] = (char)(bytes[at / 8] ^ 1 << at % 8);
	if (read_parts(buf_text(&file), &p)) {
		MUST(at / 8 >= QUEUE_HEADER + header.size + header.envelope);
		MUST(count_lines(p.journal, p.seed) <= good);
	}
	if (!cut && at / 8 < QUEUE_HEADER + header.size + header.envelope)
		MUST(!read_parts(buf_text(&file), &p));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = span_head(fuzz_input(data, n), MOST / 2);

	if (fuzz_choice(&in) & 1)
		ids(in), read_anything(in);
	else
		write_and_read(in);
	return 0;
}
