/* SPDX-License-Identifier: ISC */
#include "smtp/trace.h"

#include "pure/ascii.h"
#include "pure/date.h"

/* A recipient longer than this would make the folded line pass 998 octets. */
enum { TRACE_RCPT = 900, TRACE_TLS = 64 };

static void
print_name(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool good = ascii_alnum(c) || c == '.' || c == ':' ||
			    c == '_' || c == '[' || c == ']' || c == '-';

		buf_char(out, good ? c : '?');
	}
}

static void
print_client(struct buf *out, const struct peer *peer)
{
	switch (peer->kind) {
	case PEER_INET:
		buf_str(out, "(unknown ");
		ip_print_literal(out, &peer->ip);
		buf_str(out, ")");
		break;
	case PEER_LOCAL:
		buf_str(out, "(local uid ");
		buf_number(out, peer->uid);
		buf_str(out, ")");
		break;
	case PEER_UNKNOWN:
		buf_str(out, "(unknown)");
		break;
	}
}

/* A comment: our own program said it, and still no more than its letters can
 * come through. */
static void
print_tls(struct buf *out, const struct trace *trace)
{
	buf_str(out, "\r\n\t(");
	print_name(out, span_head(trace->tls, TRACE_TLS));
	buf_char(out, ' ');
	print_name(out, span_head(trace->cipher, TRACE_TLS));
	buf_char(out, ')');
}

/* What stands in front of an @ as in print_name, and so what is behind it. */
static void
print_identity(struct buf *out, struct span identity)
{
	size_t at = span_find(identity, '@');

	buf_str(out, "\r\n\t(login ");
	print_name(out, span_head(identity, at));
	if (at < identity.n) {
		buf_char(out, '@');
		print_name(out, span_from(identity, at + 1));
	}
	buf_char(out, ')');
}

void
trace_print(struct buf *out, const struct trace *trace)
{
	buf_str(out, "Received: ");
	if (!trace->hidden) {
		buf_str(out, "from ");
		print_name(out, trace->helo);
		buf_char(out, ' ');
		print_client(out, trace->peer);
		buf_str(out, "\r\n\t");
	}
	buf_str(out, "by ");
	buf_span(out, trace->by);
	buf_str(out, " with ");
	buf_span(out, trace->proto);
	if (trace->tls.n)
		print_tls(out, trace);
	if (trace->identity.n)
		print_identity(out, trace->identity);
	buf_str(out, " id ");
	buf_span(out, trace->id);
	if (trace->rcpt.n && trace->rcpt.n <= TRACE_RCPT) {
		buf_str(out, "\r\n\tfor <");
		buf_span(out, trace->rcpt);
		buf_char(out, '>');
	}
	buf_str(out, ";\r\n\t");
	date_print(out, trace->seconds);
	buf_str(out, "\r\n");
}
