/* SPDX-License-Identifier: ISC */
#include "net/keeper.h"

#include <errno.h>

#include "pure/ip.h"
#include "sys/packet.h"

static bool
may_try(struct keeper *k, struct span place, int64_t ms)
{
	k->failures.drain = k->limit;
	return place.n == 0 || k->limit == 0 ||
	       bucket_level(&k->failures, place, ms) < k->limit;
}

/* Answers grow slow before there are none. */
static uint32_t
failed(struct keeper *k, struct span place, int64_t ms)
{
	uint64_t delay;

	k->failures.drain = k->limit;
	if (place.n == 0 || k->limit == 0)
		return 0;
	bucket_add(&k->failures, place, 1, ms);
	delay = bucket_level(&k->failures, place, ms) * KEEPER_STEP_MS;
	return delay < KEEPER_DELAY_MS ? (uint32_t)delay : KEEPER_DELAY_MS;
}

static bool
may_send(struct keeper *k, struct span login, uint32_t number, int64_t ms)
{
	k->recipients.drain = k->rate;
	if (k->rate == 0)
		return true;
	if (bucket_level(&k->recipients, login, ms) + number > k->rate)
		return false;
	bucket_add(&k->recipients, login, number, ms);
	return true;
}

struct keeper_answer
keeper_judge(
	struct keeper *k, const struct keeper_question *question, int64_t ms)
{
	struct span key = { question->key, question->length };
	struct keeper_answer answer = { .yes = 0 };

	switch (question->what) {
	case KEEPER_MAY:
		answer.yes = may_try(k, key, ms);
		break;
	case KEEPER_FAILED:
		answer.delay_ms = failed(k, key, ms);
		answer.yes = 1;
		break;
	case KEEPER_SENDS:
		answer.yes = may_send(k, key, question->number, ms);
		break;
	default:
		break;
	}
	return answer;
}

int
keeper_serve(struct keeper *k, int fd, int64_t ms)
{
	struct keeper_question question;
	struct keeper_answer answer;
	ssize_t n = packet_receive(fd, &question, sizeof question, NULL, false);

	if (n == 0)
		return 0;
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 1 : -1;
	if (n != sizeof question || question.length > KEEPER_KEY)
		return -1;
	answer = keeper_judge(k, &question, ms);
	return packet_send(fd,
		       (struct span){ (const char *)&answer, sizeof answer },
		       -1, false) == 0
		       ? 1
		       : -1;
}

int
keeper_ask(int fd, enum keeper_what what, struct span key, uint32_t number,
	struct keeper_answer *answer)
{
	struct keeper_question question = { .what = (uint32_t)what,
		.number = number,
		.length = (uint32_t)key.n };
	ssize_t n;

	*answer = (struct keeper_answer){ .yes = 1 };
	if (fd == -1)
		return 0;
	if (key.n > KEEPER_KEY)
		return -1;
	memcpy(question.key, key.p, key.n);
	if (packet_send(fd,
		    (struct span){ (const char *)&question, sizeof question },
		    -1, true) == -1)
		return -1;
	do
		n = packet_receive(fd, answer, sizeof *answer, NULL, true);
	while (n == -1 && errno == EINTR);
	return n == sizeof *answer ? 0 : -1;
}

bool
keeper_empty(struct keeper *k, int64_t ms)
{
	return bucket_all_empty(&k->failures, ms) &&
	       bucket_all_empty(&k->recipients, ms);
}

void
keeper_place(struct buf *out, struct span client)
{
	struct ip ip;

	if (ip_parse(client, &ip) == -1) {
		buf_span(out, client);
		return;
	}
	if (ip.family == IP_V6)
		memset(ip.byte + 8, 0, 8);
	ip_print(out, &ip);
}
