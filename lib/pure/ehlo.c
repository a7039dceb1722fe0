/* SPDX-License-Identifier: ISC */
#include "pure/ehlo.h"

#include "pure/ascii.h"

/* Takes the next word off *text; empty at its end. */
static struct span
word_next(struct span *text)
{
	struct span rest = *text;
	struct span word;
	size_t n = 0;

	while (rest.n && (*rest.p == ' ' || *rest.p == '\t'))
		rest = span_from(rest, 1);
	while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t')
		n++;
	word = span_head(rest, n);
	*text = span_from(rest, n);
	return word;
}

static void
take_pipelining(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->pipelining = true;
}

/* SIZE without a number, or with 0, is an offer without a limit. A number
 * over 64 bits is as good as none. */
static void
take_size(struct ehlo *e, struct span rest)
{
	uint64_t n;

	e->size = true;
	if (span_number(word_next(&rest), &n) == 0)
		e->size_max = n;
}

static void
take_eight_bit(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->eight_bit = true;
}

static void
take_smtputf8(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->smtputf8 = true;
}

static void
take_dsn(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->dsn = true;
}

static void
take_enhanced(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->enhanced = true;
}

static void
take_auth(struct ehlo *e, struct span rest)
{
	struct span word;

	e->auth = true;
	while ((word = word_next(&rest)).n) {
		enum mechanism m = mechanism_find(word);

		if (m != MECHANISMS)
			e->mechanisms |= mechanism_bit(m);
	}
}

static void
take_starttls(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->starttls = true;
}

static void
take_requiretls(struct ehlo *e, struct span rest)
{
	(void)rest;
	e->requiretls = true;
}

/* RFC 9422 4: NAME=1*6DIGIT without a leading zero. */
static bool
limit_value(struct span word, struct span name, uint64_t *out)
{
	struct span digits;
	uint64_t n;

	if (!span_begins_nocase(word, name))
		return false;
	digits = span_from(word, name.n);
	if (digits.n > 6 || span_number(digits, &n) != 0 || *digits.p == '0')
		return false;
	*out = n;
	return true;
}

static void
take_limits(struct ehlo *e, struct span rest)
{
	struct span word;

	while ((word = word_next(&rest)).n) {
		if (limit_value(word, SPAN("MAILMAX="), &e->mail_max))
			continue;
		if (limit_value(word, SPAN("RCPTMAX="), &e->rcpt_max))
			continue;
		limit_value(word, SPAN("RCPTDOMAINMAX="), &e->rcpt_domain_max);
	}
}

static const struct {
	struct span keyword;
	void (*take)(struct ehlo *e, struct span rest);
} extensions[] = {
	{SPAN_INIT("PIPELINING"),           take_pipelining},
	{ SPAN_INIT("SIZE"),                take_size      },
	{ SPAN_INIT("8BITMIME"),            take_eight_bit },
	{ SPAN_INIT("SMTPUTF8"),            take_smtputf8  },
	{ SPAN_INIT("DSN"),                 take_dsn       },
	{ SPAN_INIT("ENHANCEDSTATUSCODES"), take_enhanced  },
	{ SPAN_INIT("STARTTLS"),            take_starttls  },
	{ SPAN_INIT("REQUIRETLS"),          take_requiretls},
	{ SPAN_INIT("LIMITS"),              take_limits    },
	{ SPAN_INIT("AUTH"),                take_auth      },
};

void
ehlo_line(struct ehlo *e, struct span words)
{
	struct span keyword;

	if (e->lines++ == 0)
		return;
	/* as it was before RFC 2554 */
	if (span_begins_nocase(words, SPAN("AUTH="))) {
		take_auth(e, span_from(words, sizeof "AUTH=" - 1));
		return;
	}
	keyword = word_next(&words);
	for (size_t i = 0; i < LEN(extensions); i++)
		if (span_eq_nocase(keyword, extensions[i].keyword))
			extensions[i].take(e, words);
}
