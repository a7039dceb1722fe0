/* SPDX-License-Identifier: ISC */
#include "pure/job.h"

#include "pure/ascii.h"
#include "pure/record.h"

static void
put_number(struct buf *out, char letter, uint64_t n)
{
	buf_char(out, letter);
	buf_number(out, n);
	buf_char(out, '\0');
}

void
job_print(struct buf *out, const struct job *job)
{
	record_put(out, 'I', job->id);
	buf_char(out, 'M');
	buf_number(out, job->offset);
	buf_char(out, ' ');
	buf_number(out, job->size);
	buf_char(out, '\0');
	put_number(out, 'W', job->arrival > 0 ? (uint64_t)job->arrival : 0);
	record_put_given(out, job->smarthost ? 'S' : 'X', job->route);
	if (job->first)
		put_number(out, 'K', job->first);
	record_put(out, 'F', job->sender);
	record_put_given(out, 'B', job->body);
	if (job->smtputf8)
		record_put(out, 'U', SPAN(""));
	record_put_given(out, 'E', job->envid);
	record_put_given(out, 'R', job->ret);
	if (job->requiretls)
		record_put(out, 'Q', SPAN(""));
	for (size_t i = 0; i < job->rcpts; i++) {
		record_put(out, 'T', job->rcpt[i].address);
		record_put_given(out, 'N', job->rcpt[i].notify);
		record_put_given(out, 'O', job->rcpt[i].orcpt);
	}
}

/* A number in the one way in which it is printed. */
static int
number(struct span text, uint64_t *out)
{
	if (text.n > 1 && text.p[0] == '0')
		return -1;
	return span_number(text, out) == 0 ? 0 : -1;
}

/* What a job is made of, in order; from T on it is recipients. */
/* clang-format off */
static const struct field {
	char letter;
	bool must;
	bool empty; /* the value may be empty */
	bool flag;  /* the value must be empty */
} fields[] = {
	{ 'I', true,  false, false },
	{ 'M', true,  false, false },
	{ 'W', true,  false, false },
	{ 'X', false, false, false },
	{ 'S', false, false, false },
	{ 'K', false, false, false },
	{ 'F', true,  true,  false },
	{ 'B', false, false, false },
	{ 'U', false, true,  true  },
	{ 'E', false, false, false },
	{ 'R', false, false, false },
	{ 'Q', false, true,  true  },
	{ 'T', true,  false, false },
};
/* clang-format on */

static int
take_place(struct job *job, struct span value)
{
	size_t space = span_find(value, ' ');

	if (number(span_head(value, space), &job->offset) == -1)
		return -1;
	return number(span_from(value, space + 1), &job->size);
}

static int
take_arrival(struct job *job, struct span value)
{
	uint64_t n;

	if (number(value, &n) == -1 || n > INT64_MAX)
		return -1;
	job->arrival = (int64_t)n;
	return 0;
}

static int
take_route(struct job *job, char letter, struct span value)
{
	if (job->route.n)
		return -1;
	job->route = value;
	job->smarthost = letter == 'S';
	return 0;
}

/* A next hop of a route: never the first, which is not said. */
static int
take_hop(struct span value, size_t *hop)
{
	uint64_t n;

	if (number(value, &n) == -1 || n == 0 || n >= ROUTE_HOPS)
		return -1;
	*hop = (size_t)n;
	return 0;
}

static int
take_body(struct job *job, struct span value)
{
	job->body = value;
	return span_eq(value, SPAN("7BIT")) || span_eq(value, SPAN("8BITMIME"))
		       ? 0
		       : -1;
}

static int
take_rcpt(struct job *job, struct span address)
{
	if (job->rcpts == JOB_RCPTS)
		return -1;
	job->rcpt[job->rcpts++] = (struct job_rcpt){ .address = address };
	return 0;
}

static int
take_field(struct job *job, char letter, struct span value)
{
	switch (letter) {
	case 'I':
		job->id = value;
		return 0;
	case 'M':
		return take_place(job, value);
	case 'W':
		return take_arrival(job, value);
	case 'X':
	case 'S':
		return take_route(job, letter, value);
	case 'K':
		return take_hop(value, &job->first);
	case 'F':
		job->sender = value;
		return 0;
	case 'B':
		return take_body(job, value);
	case 'U':
		job->smtputf8 = true;
		return 0;
	case 'E':
		job->envid = value;
		return 0;
	case 'R':
		job->ret = value;
		return 0;
	case 'Q':
		job->requiretls = true;
		return 0;
	default:
		return take_rcpt(job, value);
	}
}

/* Takes a record of the head, and the first recipient. */
static int
take_head(struct job *job, size_t *at, char letter, struct span value)
{
	while (*at < LEN(fields) && fields[*at].letter != letter)
		if (fields[(*at)++].must)
			return -1;
	if (*at == LEN(fields))
		return -1;
	if (value.n ? fields[*at].flag : !fields[*at].empty)
		return -1;
	(*at)++;
	return take_field(job, letter, value);
}

/* Takes a record behind the first recipient. */
static int
take_tail(struct job *job, char letter, struct span value)
{
	struct job_rcpt *last = &job->rcpt[job->rcpts - 1];

	if (value.n == 0)
		return -1;
	if (letter == 'T')
		return take_rcpt(job, value);
	if (letter == 'N' && !last->notify.n && !last->orcpt.n)
		last->notify = value;
	else if (letter == 'O' && !last->orcpt.n)
		last->orcpt = value;
	else
		return -1;
	return 0;
}

int
job_parse(struct span packet, struct job *job)
{
	size_t at = 0;
	char letter;
	struct span value;
	int more;

	*job = (struct job){ .rcpts = 0 };
	while ((more = record_next(&packet, &letter, &value)) == 1) {
		int bad = job->rcpts ? take_tail(job, letter, value)
				     : take_head(job, &at, letter, value);

		if (bad)
			return -1;
	}
	return more == 0 && job->rcpts ? 0 : -1;
}

/* Visible is for words without spaces. */
static void
put_clean(struct buf *out, struct span text, bool visible)
{
	text = span_head(text, JOB_TEXT);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool good = ascii_visible(c) || (c == ' ' && !visible);

		buf_char(out, good ? c : '?');
	}
}

void
job_answer_print(struct buf *out, const struct job_answer *answer)
{
	size_t start = out->len;

	if (answer->end) {
		buf_char(out, '.');
		buf_char(out, answer->kept ? 'k' : 'c');
		buf_char(out, answer->hop);
		if (answer->at)
			buf_number(out, answer->at);
	} else {
		if (answer->tls.n) {
			buf_char(out, 's');
			put_clean(out, answer->tls, true);
			buf_char(out, '\0');
		}
		buf_char(out, (char)answer->fate);
		buf_number(out, answer->rcpt);
		buf_char(out, ' ');
		buf_span(out, answer->status);
		buf_char(out, ' ');
		put_clean(out, answer->peer.n ? answer->peer : SPAN("-"), true);
		buf_char(out, ' ');
		put_clean(out, answer->text, false);
	}
	buf_char(out, '\0');
	if (out->over) /* a record is there whole or not at all */
		out->len = start;
}

/* Takes the word before the next space. */
static int
take_word(struct span *rest, struct span *word)
{
	size_t space = span_find(*rest, ' ');

	if (space == 0 || space == rest->n)
		return -1;
	*word = span_head(*rest, space);
	*rest = span_from(*rest, space + 1);
	return 0;
}

/* class.subject.detail of RFC 3463 2, with a class that goes with the fate. */
static bool
status_valid(struct span status, enum job_fate fate)
{
	unsigned parts = 1;
	size_t digits = 0;
	char class = status.p[0];

	for (size_t i = 0; i < status.n; i++) {
		if (status.p[i] == '.' && digits && parts < 3) {
			parts++;
			digits = 0;
		} else if (!ascii_digit(status.p[i]) || ++digits > 3) {
			return false;
		}
	}
	if (parts != 3 || digits == 0 || status.p[1] != '.')
		return false;
	if (fate == JOB_DELIVERED || fate == JOB_RELAYED)
		return class == '2';
	if (fate == JOB_FAILED)
		return class == '5';
	return class == '4' || class == '5';
}

static bool
text_valid(struct span text, bool visible)
{
	if (text.n > JOB_TEXT)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_visible(text.p[i]) && (visible || text.p[i] != ' '))
			return false;
	return true;
}

static int
take_end(struct span value, struct job_answer *answer)
{
	if (value.n < 2)
		return -1;
	answer->end = true;
	answer->kept = value.p[0] == 'k';
	answer->hop = value.p[1];
	if (span_find(SPAN("kc"), value.p[0]) == 2 ||
		span_find(SPAN("ud-"), value.p[1]) == 3)
		return -1;
	if (value.n == 2)
		return 1;
	return take_hop(span_from(value, 2), &answer->at) == 0 ? 1 : -1;
}

static int
take_fate(char letter, struct span value, struct job_answer *answer)
{
	struct span index;
	uint64_t n;

	if (span_find(SPAN("drtfh"), letter) == 5)
		return -1;
	answer->fate = (enum job_fate)letter;
	if (take_word(&value, &index) == -1 ||
		take_word(&value, &answer->status) == -1 ||
		take_word(&value, &answer->peer) == -1)
		return -1;
	answer->text = value;
	if (number(index, &n) == -1 || n >= JOB_RCPTS ||
		!status_valid(answer->status, answer->fate) ||
		!text_valid(answer->peer, true) || !text_valid(value, false))
		return -1;
	answer->rcpt = (size_t)n;
	return 1;
}

int
job_answer_parse(struct span *packet, struct job_answer *answer)
{
	char letter;
	struct span value;
	int more = record_next(packet, &letter, &value);

	*answer = (struct job_answer){ .end = false };
	if (more == 1 && letter == 's') {
		if (value.n == 0 || !text_valid(value, true))
			return -1;
		answer->tls = value;
		more = record_next(packet, &letter, &value);
		if (more != 1 || letter == '.')
			return -1;
	}
	if (more != 1)
		return more;
	return letter == '.' ? take_end(value, answer)
			     : take_fate(letter, value, answer);
}
