/* SPDX-License-Identifier: ISC */
#include "pure/sentence.h"

#include "pure/clean.h"
#include "pure/limits.h"

/* {key} is the field's value, {key*} all of that name; a part in brackets is
 * left out when a field in it is missing or says nothing. The first row that
 * fits counts: `program` is what stands behind postern-, NULL any. */
static const struct phrase {
	const char *program;
	const char *event;
	enum sentence_mood mood;
	const char *text;
} phrases[] = {
  /* clang-format off */
	{ "local", "stored", SENTENCE_GOOD, "written for {to}[ to {path}]" },
	{ "local", "deferred", SENTENCE_LATER, "not written for {to}: {text}[ ({status})]" },
	{ "local", "refused", SENTENCE_BAD, "not written for {to}: {text}[ ({status})]" },
	{ "local", "held", SENTENCE_LATER, "not written for {to}: {text}[ ({status})]" },
	{ "listen", "refused", SENTENCE_BAD, "refused [{client}][the proxy {proxy}]: {reason}" },
	{ NULL, "accepted", SENTENCE_PLAIN,
		"accepted from {client}[ ({helo})][, {tls}][, as {identity}]: <{from}> to {to*}[ and {more} more][, {size} octets]" },
	{ NULL, "queued", SENTENCE_PLAIN, "queued[: {size} octets][, {recipients} recipients]" },
	{ NULL, "unqueued", SENTENCE_BAD, "not queued[: cannot {cannot}][: {reason}][, {cause}][ for {to}][ (exit code {exit})]" },
	{ NULL, "queue", SENTENCE_BAD, "not queued[: {reason}][ (exit code {exit})][ {program}]" },
	{ NULL, "refused", SENTENCE_BAD,
		"refused {client}[, mail from <{from}>]: [{code} ]{reason}[: {cause}][, to \"{command}\"]" },
	{ NULL, "login", SENTENCE_QUIET, "{client} logged in as {identity}[ by {mechanism}]" },
	{ "smtpd", "auth", SENTENCE_BAD, "no logins: {reason}" },
	{ "smtpd", "tls", SENTENCE_BAD, "no TLS for clients: {reason}" },
	{ "tls", "handshake", SENTENCE_QUIET,
		"{client} speaks {version}, {cipher}[, to {sni}][, resumed: {resumed}]" },
	{ "tls", "handshake-failed", SENTENCE_LATER, "no TLS with {client}: {reason}" },
	{ "tls", "certificate", SENTENCE_QUIET, "certificate read: {reason}" },
	{ "tls", "certificate-trouble", SENTENCE_BAD, "a certificate: {reason}" },
	{ NULL, "no-jail", SENTENCE_BAD, "not locked in as it should be: {reason}" },
	{ "tls", "no-session", SENTENCE_BAD, "no TLS for a client: {reason}" },
	{ NULL, "handshake", SENTENCE_LATER, "TLS with {client} failed: {reason}" },
	{ NULL, "secured", SENTENCE_QUIET,
		"{client} is inside {tls}[, {cipher}][, as {identity}]" },
	{ NULL, "connection", SENTENCE_QUIET, "{client} connected[, may relay: {relay}]" },
	{ NULL, "end", SENTENCE_QUIET, "{client} left: {why}[, {messages} messages][, {errors} errors]" },
	{ NULL, "delivered", SENTENCE_GOOD,
		"delivered to {to}[ by {peer}][ over {tls}, verified: {verified}][ after {delay} s][: {reply}]" },
	{ NULL, "deferred", SENTENCE_LATER, "put off for {to}[, {peer}]: {reply}[ ({status})][, try {tries}]" },
	{ NULL, "failed", SENTENCE_BAD, "failed for {to}[, {peer}]: {reply}[ ({status})]" },
	{ NULL, "held", SENTENCE_LATER, "held for {to}, the fault is ours[, {peer}]: {reply}[ ({status})]" },
	{ NULL, "holding", SENTENCE_BAD, "mail is held[ for {hop}]: {reason}" },
	{ NULL, "mended", SENTENCE_GOOD, "no more held[ for {hop}]: {reason}" },
	{ NULL, "passed-over", SENTENCE_LATER, "went on from {hop} to the next one[: {reply}][ ({status})]" },
	{ NULL, "told", SENTENCE_PLAIN, "its sender <{from}> was told[, in {report}]" },
	{ NULL, "told-later", SENTENCE_LATER, "its sender <{from}> could not be told yet: {reason}" },
	{ NULL, "not-told", SENTENCE_BAD, "its sender <{from}> is not told: {reason}" },
	{ NULL, "reported", SENTENCE_PLAIN, "queued: a report to <{to}>" },
	{ NULL, "rewritten", SENTENCE_PLAIN,
		"rewritten[: sender <{sender}>][: to {to*}][, becomes {as*}][, copy to {copy*}][, header addresses: {header}][, added {added*}][ by {by*}]" },
	{ NULL, "without-tls", SENTENCE_PLAIN, "goes on without TLS[ to {peer}]: {reason}" },
	{ NULL, "mx-ignored", SENTENCE_LATER, "an MX of {domain} was passed over: {target}" },
	{ NULL, "set-aside", SENTENCE_LATER, "put on hold[ by {by}]" },
	{ NULL, "released", SENTENCE_PLAIN, "released from hold[ by {by}]" },
	{ NULL, "removed", SENTENCE_BAD, "removed from the queue[ by {by}][: <{from}> to {to*}]" },
	{ NULL, "retried", SENTENCE_PLAIN, "to be tried at once[, says {by}]" },
	{ NULL, "damaged", SENTENCE_BAD, "the queue file is damaged: {reason}" },
	{ NULL, "cannot-open", SENTENCE_BAD, "the queue file cannot be opened: {reason}" },
	{ NULL, "cannot", SENTENCE_BAD, "cannot {reason}[: {error}]" },
	{ NULL, "config", SENTENCE_BAD, "a control file is wrong: {reason}" },
	{ NULL, "worker", SENTENCE_BAD,
		"a worker ([{program} ]pid {pid}) died[, exit code {exit}][, signal {signal}]" },
	{ "oauth2", "token", SENTENCE_GOOD,
		"a new access token for {account}[, good for {seconds} s][; {reason}]" },
	{ "oauth2", "no-token", SENTENCE_BAD, "no new access token for {account}: {reason}" },
	{ "oauth2", "login-ends", SENTENCE_BAD,
		"the login of {account} ends in {days} days: postern oauth2 setup {account}" },
	{ NULL, "listening", SENTENCE_QUIET, "listening[ at {address}]" },
	{ NULL, "started", SENTENCE_QUIET, "started[: {reason}]" },
	{ NULL, "stopping", SENTENCE_QUIET, "stopping[: {reason}]" },
	{ NULL, "stopped", SENTENCE_QUIET,
		"stopped[: {delivered} delivered][, {deferred} put off][, {failed} failed][, {held} held]" },
  /* clang-format on */
};

static bool
fits(const struct phrase *phrase, const struct fields *line)
{
	static const struct span prefix = SPAN_INIT("postern-");

	if (!span_eq(line->event, span_of(phrase->event)))
		return false;
	return !phrase->program ||
	       (span_begins_nocase(line->program, prefix) &&
		       span_eq(span_from(line->program, prefix.n),
			       span_of(phrase->program)));
}

/* Appends a value fit to be read. */
static void
put_value(struct buf *out, struct span value)
{
	char text[LIMIT_LOG_LINE];
	struct buf plain = BUF(text);

	fields_plain(&plain, value);
	clean_text(out, buf_text(&plain));
}

/* Appends the field, or all of them; false when it says nothing. */
static bool
put_field(struct buf *out, const struct fields *line, struct span key)
{
	bool all = key.n && key.p[key.n - 1] == '*';
	struct fields copy = *line;
	struct span name;
	struct span value;
	bool some = false;

	key.n -= all;
	while (fields_next(&copy, &name, &value)) {
		if (!span_eq(name, key) || span_eq(value, SPAN("-")))
			continue;
		if (some)
			buf_str(out, ", ");
		put_value(out, value);
		some |= value.n > 0 || span_eq(key, SPAN("from"));
		if (!all)
			break;
	}
	return some;
}

/* Appends a piece of a phrase without brackets; false when a field of it says
 * nothing. */
static bool
put_piece(struct buf *out, const struct fields *line, struct span text)
{
	bool complete = true;

	while (text.n) {
		size_t open = span_find(text, '{');
		size_t end;

		buf_span(out, span_head(text, open));
		text = span_from(text, open + 1);
		end = span_find(text, '}');
		if (end == text.n)
			break;
		complete &= put_field(out, line, span_head(text, end));
		text = span_from(text, end + 1);
	}
	return complete;
}

static void
put_phrase(struct buf *out, const struct fields *line, struct span text)
{
	while (text.n) {
		size_t open = span_find(text, '[');
		size_t start;
		size_t end;

		(void)put_piece(out, line, span_head(text, open));
		text = span_from(text, open + 1);
		end = span_find(text, ']');
		start = out->len;
		if (!put_piece(out, line, span_head(text, end)))
			out->len = start;
		text = span_from(text, end + 1);
	}
}

/* As it stands: what a newer postern says. */
static void
put_raw(struct buf *out, const struct fields *line)
{
	struct fields copy = *line;
	struct span key;
	struct span value;

	clean_text(out, line->event);
	while (fields_next(&copy, &key, &value)) {
		buf_char(out, ' ');
		clean_text(out, key);
		buf_char(out, '=');
		put_value(out, value);
	}
}

enum sentence_mood
sentence_print(struct buf *out, const struct fields *line)
{
	for (size_t i = 0; i < LEN(phrases); i++)
		if (fits(&phrases[i], line)) {
			put_phrase(out, line, span_of(phrases[i].text));
			return phrases[i].mood;
		}
	put_raw(out, line);
	return SENTENCE_PLAIN;
}
