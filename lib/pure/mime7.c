/* SPDX-License-Identifier: ISC */
#include "pure/mime7.h"

#include "pure/ascii.h"

enum state {
	IN_HEADER,
	IN_BODY, /* of a leaf */
	BETWEEN, /* before, after and between the parts of a multipart */
};

enum kind {
	KIND_TEXT,
	KIND_OTHER,
	KIND_MULTIPART,
	KIND_MESSAGE,
	KIND_OPAQUE, /* may not be encoded (RFC 2046 5.2), or not be read */
};

enum encoding {
	PLAIN_7,
	PLAIN_8, /* 8bit, binary */
	ENCODED, /* quoted-printable, base64, or one we do not know */
};

enum change {
	CHANGE_QUOTED = 1,
	CHANGE_BASE64 = 2,
	CHANGE_LABEL = 4,   /* the encoding becomes 7bit */
	CHANGE_VERSION = 8, /* add MIME-Version */
	CHANGE_TYPE = 16,   /* add Content-Type */
	CHANGE_ENCODING = CHANGE_QUOTED | CHANGE_BASE64 | CHANGE_LABEL,
};

enum field { FIELD_OTHER, FIELD_TYPE, FIELD_ENCODING, FIELD_VERSION };

enum {
	QUOTED_COLUMNS = 75, /* and the = of a soft break (RFC 2045 6.7) */
	BASE64_COLUMNS = 76, /* RFC 2045 6.8 */
};

static const char line_version[] = "MIME-Version: 1.0\r\n";
static const char line_type[] =
	"Content-Type: text/plain; charset=unknown-8bit\r\n";
static const char line_quoted[] =
	"Content-Transfer-Encoding: quoted-printable\r\n";
static const char line_base64[] = "Content-Transfer-Encoding: base64\r\n";
static const char line_7bit[] = "Content-Transfer-Encoding: 7bit\r\n";

/* --- output ---------------------------------------------------------------*/

static void
mime7_fail(struct mime7 *m, int error)
{
	if (!m->error)
		m->error = error;
}

static void
flush(struct mime7 *m)
{
	if (m->out_len && !m->error && m->sink(m->ctx, m->out, m->out_len) != 0)
		mime7_fail(m, -1);
	m->out_len = 0;
}

static void
emit(struct mime7 *m, const char *bytes, size_t n)
{
	while (m->sink && n) {
		size_t room = sizeof m->out - m->out_len;
		size_t part = n < room ? n : room;

		memcpy(m->out + m->out_len, bytes, part);
		m->out_len += part;
		bytes += part;
		n -= part;
		if (m->out_len == sizeof m->out)
			flush(m);
	}
}

static void
emit_str(struct mime7 *m, const char *s)
{
	emit(m, s, strlen(s));
}

static void
emit_line(struct mime7 *m, struct span text, bool end)
{
	emit(m, text.p, text.n);
	if (end)
		emit(m, "\r\n", 2);
}

/* --- encoders -------------------------------------------------------------*/

/* What must not stand at the start of an encoded line: some mailboxes change
 * "From ", careless relays double a dot, and after a soft break "--" might
 * make a boundary. `rest` begins with the octet in question. */
static bool
is_fragile(struct span rest)
{
	static const struct span words[] = { SPAN_INIT("."), SPAN_INIT("From "),
		SPAN_INIT("--") };

	for (size_t i = 0; i < LEN(words); i++)
		if (span_eq(span_head(rest, words[i].n),
			    span_head(words[i], rest.n)))
			return true;
	return false;
}

/* Appends the first octet of rest. */
static void
quoted_put(struct mime7 *m, struct span rest, bool encode)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char c = (unsigned char)rest.p[0];
	char coded[3] = { '=', digits[c >> 4], digits[c & 15] };
	unsigned width = encode ? 3 : 1;

	if (m->column + width > QUOTED_COLUMNS) {
		emit(m, "=\r\n", 3);
		m->column = 0;
	}
	if (m->column == 0 && is_fragile(rest))
		width = 3;
	emit(m, width == 3 ? coded : rest.p, width);
	m->column += width;
}

/* A space or tab that was held back because the line might end behind it. */
static void
quoted_blank(struct mime7 *m, bool encode)
{
	if (m->blank)
		quoted_put(m, (struct span){ &m->blank, 1 }, encode);
	m->blank = '\0';
}

static void
quoted_piece(struct mime7 *m, struct span text, bool end)
{
	for (; text.n; text = span_from(text, 1)) {
		char c = text.p[0];

		quoted_blank(m, false);
		if (c == ' ' || c == '\t')
			m->blank = c;
		else
			quoted_put(m, text, !ascii_visible(c) || c == '=');
	}
	if (end) {
		quoted_blank(m, true);
		emit(m, "\r\n", 2);
		m->column = 0;
	}
}

static void
base64_group(struct mime7 *m)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const unsigned char *g = m->group;
	char coded[4] = { digits[g[0] >> 2],
		digits[(g[0] & 3) << 4 | g[1] >> 4],
		digits[(g[1] & 15) << 2 | g[2] >> 6], digits[g[2] & 63] };

	if (m->group_len < 3)
		coded[3] = '=';
	if (m->group_len < 2)
		coded[2] = '=';
	emit(m, coded, sizeof coded);
	memset(m->group, 0, sizeof m->group);
	m->group_len = 0;
	m->column += sizeof coded;
	if (m->column == BASE64_COLUMNS) {
		emit(m, "\r\n", 2);
		m->column = 0;
	}
}

static void
base64_put(struct mime7 *m, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		m->group[m->group_len++] = (unsigned char)text.p[i];
		if (m->group_len == 3)
			base64_group(m);
	}
}

/* The line end before a boundary is not the part's (RFC 2046 5.1.1), so each
 * waits for what follows it. */
static void
base64_line_end(struct mime7 *m)
{
	if (m->line_end)
		base64_put(m, SPAN("\r\n"));
	m->line_end = false;
}

static void
base64_piece(struct mime7 *m, struct span text, bool end)
{
	if (text.n || end)
		base64_line_end(m);
	base64_put(m, text);
	m->line_end = end;
}

/* Ends the body of a leaf, at a boundary or at the end of the message. */
static void
end_body(struct mime7 *m, bool boundary)
{
	unsigned change = m->change[m->part.number];

	if (m->state != IN_BODY || !m->sink)
		return;
	if (change & CHANGE_QUOTED)
		quoted_blank(m, true);
	if (change & CHANGE_BASE64) {
		if (!boundary)
			base64_line_end(m);
		if (m->group_len)
			base64_group(m);
		if (m->column)
			emit(m, "\r\n", 2);
	}
}

/* --- header fields --------------------------------------------------------*/

/* Comments may stand inside each other (RFC 5322 3.2.2). */
static void
skip_comments(struct span *s)
{
	unsigned depth = 0;
	size_t i = 0;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (c == '(')
			depth++;
		else if (depth && c == ')')
			depth--;
		else if (depth && c == '\\')
			i++;
		else if (!depth && c != ' ' && c != '\t')
			break;
	}
	*s = span_from(*s, i);
}

/* A token of RFC 2045 5.1; empty when there is none. */
static struct span
take_token(struct span *s)
{
	static const char specials[] = "()<>@,;:\\\"/[]?=";
	struct span token = { s->p, 0 };

	while (token.n < s->n && ascii_visible(s->p[token.n]) &&
		!strchr(specials, s->p[token.n]))
		token.n++;
	*s = span_from(*s, token.n);
	skip_comments(s);
	return token;
}

static bool
take_char(struct span *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = span_from(*s, 1);
	skip_comments(s);
	return true;
}

/* A token or a quoted string. False when it is neither. */
static bool
take_value(struct span *s, struct buf *out)
{
	size_t i;

	if (s->n == 0 || s->p[0] != '"') {
		struct span token = take_token(s);

		buf_span(out, token);
		return token.n;
	}
	for (i = 1; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		buf_char(out, s->p[i]);
	}
	if (i == s->n)
		return false;
	*s = span_from(*s, i + 1);
	skip_comments(s);
	return true;
}

/* The boundary parameter. A part without exactly one stays unread. */
static bool
take_boundary(struct span text, struct mime7_part *part)
{
	char value[MIME7_BOUNDARY + 8]; /* spaces may end it */
	bool found = false;

	while (take_char(&text, ';')) {
		struct span name = take_token(&text);
		struct buf b = BUF(value);

		if (name.n == 0)
			continue;
		if (!take_char(&text, '=') || !take_value(&text, &b))
			break;
		if (!span_eq_nocase(name, SPAN("boundary")))
			continue;
		while (b.len && b.p[b.len - 1] == ' ')
			b.len--;
		if (found || b.over || b.len == 0 ||
			b.len > sizeof part->boundary)
			return false;
		memcpy(part->boundary, b.p, b.len);
		part->boundary_len = b.len;
		found = true;
	}
	return found;
}

/* Content-Type (RFC 2045 5.1). What cannot be read is text (5.2). */
static void
read_type(struct mime7_part *part, struct span text)
{
	struct span type;
	struct span subtype;

	skip_comments(&text);
	type = take_token(&text);
	if (!take_char(&text, '/'))
		type.n = 0;
	subtype = take_token(&text);
	part->kind = KIND_TEXT;
	if (type.n == 0 || subtype.n == 0 || span_eq_nocase(type, SPAN("text")))
		return;
	if (span_eq_nocase(type, SPAN("multipart"))) {
		part->is_digest = span_eq_nocase(subtype, SPAN("digest"));
		if (span_eq_nocase(subtype, SPAN("signed")) ||
			span_eq_nocase(subtype, SPAN("encrypted")))
			part->sealed = true;
		part->kind = take_boundary(text, part) ? KIND_MULTIPART
						       : KIND_OPAQUE;
	} else if (span_eq_nocase(type, SPAN("message"))) {
		part->kind =
			span_eq_nocase(subtype, SPAN("rfc822")) ||
					span_eq_nocase(subtype, SPAN("global"))
				? KIND_MESSAGE
				: KIND_OPAQUE;
	} else {
		part->kind = KIND_OTHER;
	}
}

static void
read_encoding(struct mime7_part *part, struct span text)
{
	struct span token;

	skip_comments(&text);
	token = take_token(&text);
	if (span_eq_nocase(token, SPAN("7bit")))
		part->encoding = PLAIN_7;
	else if (span_eq_nocase(token, SPAN("8bit")) ||
		 span_eq_nocase(token, SPAN("binary")))
		part->encoding = PLAIN_8;
	else
		part->encoding = ENCODED;
}

static enum field
field_of(struct span line)
{
	static const struct {
		struct span name;
		enum field field;
	} names[] = {
		{SPAN_INIT("Content-Type"),               FIELD_TYPE    },
		{ SPAN_INIT("Content-Transfer-Encoding"), FIELD_ENCODING},
		{ SPAN_INIT("MIME-Version"),              FIELD_VERSION },
	};
	size_t colon = span_find(line, ':');

	for (size_t i = 0; colon < line.n && i < LEN(names); i++)
		if (span_eq_nocase(
			    span_trim(span_head(line, colon)), names[i].name))
			return names[i].field;
	return FIELD_OTHER;
}

/* The field that was collected is complete. */
static void
end_field(struct mime7 *m)
{
	struct span text = { m->field_text, m->field_len };
	struct mime7_part *part = &m->part;

	text = span_from(text, span_find(text, ':') + 1);
	switch (m->field) {
	case FIELD_TYPE:
		if (part->has_type)
			mime7_fail(m, -2);
		part->has_type = true;
		read_type(part, text);
		break;
	case FIELD_ENCODING:
		if (part->has_encoding)
			mime7_fail(m, -2);
		part->has_encoding = true;
		read_encoding(part, text);
		break;
	case FIELD_VERSION:
		part->has_version = true;
		break;
	default:
		break;
	}
	m->field = FIELD_OTHER;
	m->field_len = 0;
	m->drop = false;
}

static const char *
encoding_line(unsigned change)
{
	return change & CHANGE_QUOTED   ? line_quoted
	       : change & CHANGE_BASE64 ? line_base64
					: line_7bit;
}

/* --- structure ------------------------------------------------------------*/

/* Begins a header: of a part in `parent`, or of a message. */
static void
begin_part(struct mime7 *m, const struct mime7_part *parent, bool is_message)
{
	if (m->parts == MIME7_PARTS) {
		mime7_fail(m, -2);
		return;
	}
	m->part = (struct mime7_part){ .number = m->parts++,
		.is_message = is_message,
		.sealed = parent && parent->sealed,
		.kind = parent && parent->is_digest && !is_message
				? KIND_MESSAGE
				: KIND_TEXT };
	m->state = IN_HEADER;
	m->field = FIELD_OTHER;
	m->field_len = 0;
	m->drop = false;
}

/* 8-bit text in the body of m->part: decides what becomes of it and of what
 * it stands in. */
static void
mark_part(struct mime7 *m)
{
	struct mime7_part *part = &m->part;
	uint8_t *change = &m->change[part->number];

	if (*change & CHANGE_ENCODING)
		return;
	if (part->sealed || part->encoding == ENCODED ||
		part->kind == KIND_OPAQUE) {
		mime7_fail(m, -2);
		return;
	}
	*change |= part->kind == KIND_TEXT ? CHANGE_QUOTED : CHANGE_BASE64;
	if (part->is_message && !part->has_type)
		*change |= CHANGE_TYPE;
	if (part->is_message && !part->has_version)
		*change |= CHANGE_VERSION;
	for (size_t i = 0; i < m->depth; i++) {
		part = &m->open[i];
		change = &m->change[part->number];
		if (part->encoding == PLAIN_8)
			*change |= CHANGE_LABEL;
		if (part->is_message && !part->has_version)
			*change |= CHANGE_VERSION;
	}
}

/* The lines that a header lacks. */
static void
add_fields(struct mime7 *m)
{
	unsigned change = m->sink ? m->change[m->part.number] : 0;

	if (change & CHANGE_VERSION)
		emit_str(m, line_version);
	if (change & CHANGE_TYPE)
		emit_str(m, line_type);
	if (change & CHANGE_ENCODING && !m->part.has_encoding)
		emit_str(m, encoding_line(change));
}

/* The empty line behind a header: into the body. */
static void
begin_body(struct mime7 *m)
{
	struct mime7_part *part = &m->part;

	m->state = IN_BODY;
	m->column = 0;
	m->blank = '\0';
	m->line_end = false;
	m->group_len = 0;
	if (part->kind != KIND_MULTIPART && part->kind != KIND_MESSAGE)
		return;
	if (part->encoding == ENCODED) {
		part->kind = KIND_OPAQUE;
		return;
	}
	if (m->depth == MIME7_DEPTH) {
		mime7_fail(m, -2);
		return;
	}
	m->open[m->depth++] = *part;
	if (part->kind == KIND_MULTIPART)
		m->state = BETWEEN;
	else
		begin_part(m, &m->open[m->depth - 1], true);
}

static bool
is_blank(struct span s)
{
	return span_trim(s).n == 0;
}

/* A line of --BOUNDARY or --BOUNDARY-- (RFC 2046 5.1.1). */
static bool
is_boundary(const struct mime7_part *part, struct span line, bool *last)
{
	struct span boundary = { part->boundary, part->boundary_len };

	if (part->kind != KIND_MULTIPART)
		return false;
	line = span_from(line, 2);
	if (!span_eq(span_head(line, boundary.n), boundary))
		return false;
	line = span_from(line, boundary.n);
	*last = span_eq(span_head(line, 2), SPAN("--"));
	return is_blank(span_from(line, *last ? 2 : 0));
}

/* Leaves and enters parts when the line is a boundary of an open multipart;
 * an outer one ends all that is inside it. */
static bool
take_boundary_line(struct mime7 *m, struct span line, bool end)
{
	size_t level = m->depth;
	bool last;

	if (!span_eq(span_head(line, 2), SPAN("--")))
		return false;
	while (level > 0 && !is_boundary(&m->open[level - 1], line, &last))
		level--;
	if (level == 0)
		return false;
	if (m->state == IN_HEADER)
		end_field(m);
	end_body(m, true);
	emit_line(m, line, end);
	m->depth = last ? level - 1 : level;
	m->state = BETWEEN;
	if (!last)
		begin_part(m, &m->open[level - 1], false);
	return true;
}

static void
header_piece(struct mime7 *m, struct span text, bool start, bool end)
{
	unsigned change = m->sink ? m->change[m->part.number] : 0;

	if (start && end && text.n == 0) {
		end_field(m);
		add_fields(m);
		emit(m, "\r\n", 2);
		begin_body(m);
		return;
	}
	if (ascii_has_high(text))
		mime7_fail(m, -2);
	if (start && text.n && text.p[0] != ' ' && text.p[0] != '\t') {
		end_field(m);
		m->field = (int)field_of(text);
		m->drop =
			m->field == FIELD_ENCODING && change & CHANGE_ENCODING;
		if (m->drop)
			emit_str(m, encoding_line(change));
	}
	if (m->field != FIELD_OTHER) {
		if (text.n > sizeof m->field_text - m->field_len) {
			mime7_fail(m, -2);
			return;
		}
		memcpy(m->field_text + m->field_len, text.p, text.n);
		m->field_len += text.n;
	}
	if (!m->drop)
		emit_line(m, text, end);
}

static void
body_piece(struct mime7 *m, struct span text, bool end)
{
	unsigned change;

	if (!m->sink) {
		if (ascii_has_high(text))
			mark_part(m);
		return;
	}
	change = m->change[m->part.number];
	if (change & CHANGE_QUOTED)
		quoted_piece(m, text, end);
	else if (change & CHANGE_BASE64)
		base64_piece(m, text, end);
	else
		emit_line(m, text, end);
}

/* A line, or as much of it as fits. `start`: it begins here. `end`: a CR LF
 * stood behind it. `whole`: nothing more of it can come. */
static void
take_piece(struct mime7 *m, struct span text, bool start, bool end, bool whole)
{
	if (start && whole && take_boundary_line(m, text, end))
		return;
	if (m->state == IN_HEADER) {
		header_piece(m, text, start, end);
	} else if (m->state == IN_BODY) {
		body_piece(m, text, end);
	} else {
		if (ascii_has_high(text))
			mime7_fail(m, -2);
		emit_line(m, text, end);
	}
}

static void
restart(struct mime7 *m)
{
	m->error = 0;
	m->parts = 0;
	m->depth = 0;
	m->in_line = false;
	m->line_len = 0;
	m->out_len = 0;
	begin_part(m, NULL, true);
}

void
mime7_scan(struct mime7 *m)
{
	m->sink = NULL;
	memset(m->change, 0, sizeof m->change);
	restart(m);
}

void
mime7_convert(struct mime7 *m, mime7_sink *sink, void *ctx)
{
	m->sink = sink;
	m->ctx = ctx;
	restart(m);
}

/* Hands on what is in m->line when it is a line, or all that fits. */
static void
take_line(struct mime7 *m)
{
	size_t n = m->line_len;
	bool end = n >= 2 && m->line[n - 1] == '\n' && m->line[n - 2] == '\r';
	size_t keep = 0;

	if (end)
		n -= 2;
	else if (n < sizeof m->line)
		return;
	else if (m->line[n - 1] == '\r')
		keep = 1; /* its LF may follow */
	n -= keep;
	take_piece(m, (struct span){ m->line, n }, !m->in_line, end, end);
	m->line[0] = '\r';
	m->line_len = keep;
	m->in_line = !end;
}

int
mime7_feed(struct mime7 *m, const char *bytes, size_t n)
{
	while (n && !m->error) {
		size_t room = sizeof m->line - m->line_len;
		size_t part = n < room ? n : room;
		const char *lf = memchr(bytes, '\n', part);

		if (lf)
			part = (size_t)(lf - bytes) + 1;
		memcpy(m->line + m->line_len, bytes, part);
		m->line_len += part;
		bytes += part;
		n -= part;
		take_line(m);
	}
	return m->error;
}

int
mime7_end(struct mime7 *m)
{
	if (m->line_len && !m->error)
		take_piece(m, (struct span){ m->line, m->line_len },
			!m->in_line, false, true);
	m->line_len = 0;
	if (m->state == IN_HEADER)
		end_field(m);
	end_body(m, false);
	if (m->sink)
		flush(m);
	return m->error;
}
