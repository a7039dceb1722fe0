/* SPDX-License-Identifier: ISC */
#include "control/authsecret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/ascii.h"
#include "pure/token.h"
#include "sys/home.h"
#include "sys/secret.h"

/* A whole token file; wiped behind each use. */
static char whole[LIMIT_TOKEN_FILE];

void
authsecret_place(const struct authremote_login *login, struct buf *out)
{
	char dir[LIMIT_PATH];

	switch (login->source) {
	case AUTHREMOTE_OAUTH2:
		buf_str(out, home_oauth2(dir) ? dir : "");
		buf_char(out, '/');
		buf_span(out, login->secret);
		buf_str(out, ".token");
		break;
	case AUTHREMOTE_CREDENTIAL:
		buf_str(out, "credential:");
		buf_span(out, login->secret);
		break;
	default:
		buf_span(out, login->secret);
		break;
	}
}

static int
fail(const struct authremote_login *login, char why[AUTHSECRET_WORDS],
	const char *what, const char *remedy)
{
	snprintf(why, AUTHSECRET_WORDS, "%s; %s (control/authremote:%u)", what,
		remedy, login->line);
	return -1;
}

/* The remedy is a verb of postern oauth2. */
static int
fail_token(const struct authremote_login *login, char why[AUTHSECRET_WORDS],
	const char *what, const char *verb)
{
	char remedy[200];

	snprintf(remedy, sizeof remedy, "run postern oauth2 %s %.*s", verb,
		(int)login->secret.n, login->secret.p);
	return fail(login, why, what, remedy);
}

static int
read_password(const struct authremote_login *login, struct authsecret *out,
	char why[AUTHSECRET_WORDS])
{
	static const char remedy[] =
		"its first line is the password, and user postern must be "
		"able to read it, but not everybody: chown postern, chmod "
		"400";
	struct buf text = BUF(out->text);
	char what[256];

	if (secret_read(login->where, &text, what) == -1)
		return fail(login, why, what,
			login->source == AUTHREMOTE_CREDENTIAL
				? "give postern-send a LoadCredential= for it "
				  "(systemctl edit postern-send)"
				: remedy);
	for (size_t i = 0; i < text.len; i++)
		if (ascii_control(text.p[i]))
			return fail(login, why,
				"a control character is in the secret", remedy);
	out->len = text.len;
	return 0;
}

/* Returns the octets of a token file, or -1 with errno; 0: readable to
 * everybody, or no file. */
static ssize_t
read_whole(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0)
		n = !S_ISREG(st.st_mode) || (st.st_mode & S_IROTH)
			    ? 0
			    : read(fd, whole, sizeof whole);
	close(fd);
	return n;
}

static int
take_token(const struct authremote_login *login, struct span text, int64_t now,
	struct authsecret *out, char why[AUTHSECRET_WORDS])
{
	struct token token;
	const char *bad = token_parse(text, &token);
	char what[256];
	bool over;

	if (bad) {
		snprintf(what, sizeof what, "the token file of %.*s: %s",
			(int)login->secret.n, login->secret.p, bad);
		return fail_token(login, why, what, "refresh");
	}
	over = token.expires && (int64_t)token.expires <= now;
	if (!over && token.access.n && token.access.n <= sizeof out->text) {
		memcpy(out->text, token.access.p, token.access.n);
		out->len = token.access.n;
		return 0;
	}
	snprintf(what, sizeof what, "the token of %.*s %s%s%.*s",
		(int)login->secret.n, login->secret.p,
		over ? "is over, and no new one has come" : "is missing",
		token.error.n ? ": " : "",
		(int)(token.error.n < 100 ? token.error.n : 100),
		token.error.p ? token.error.p : "");
	return fail_token(login, why, what, over ? "refresh" : "setup");
}

static int
read_token(const struct authremote_login *login, int64_t now,
	struct authsecret *out, char why[AUTHSECRET_WORDS])
{
	char path[LIMIT_PATH];
	struct buf place = BUF(path);
	char what[256];
	ssize_t n = -1;
	int result;

	authsecret_place(login, &place);
	buf_cstr(&place);
	errno = ENAMETOOLONG;
	if (!place.over)
		n = read_whole(path);
	if (n == -1) {
		bool none = errno == ENOENT;

		snprintf(
			what, sizeof what, "%.120s: %s", path, strerror(errno));
		return none ? fail_token(login, why, what, "setup")
			    : fail(login, why, what,
				      "user postern must be able to read it; "
				      "is it in group postern-oauth2?");
	}
	if (n == 0) {
		snprintf(what, sizeof what,
			"%.120s: empty, no file, or everybody may read it",
			path);
		return fail(login, why, what, "chmod 640");
	}
	result = take_token(
		login, (struct span){ whole, (size_t)n }, now, out, why);
	explicit_bzero(whole, sizeof whole);
	return result;
}

int
authsecret_read(const struct authremote_login *login, int64_t now,
	struct authsecret *out, char why[AUTHSECRET_WORDS])
{
	out->len = 0;
	return login->source == AUTHREMOTE_OAUTH2
		       ? read_token(login, now, out, why)
		       : read_password(login, out, why);
}

static void
add_place(const struct authremote_login *login, struct places *places)
{
	char path[LIMIT_PATH];
	struct buf place = BUF(path);
	char why[256];

	if (login->source != AUTHREMOTE_OAUTH2) {
		if (secret_path(login->where, path, why) == 0)
			places_add_readable(places, path);
		return;
	}
	authsecret_place(login, &place);
	buf_cstr(&place);
	if (!place.over)
		places_add_readable(places, path);
}

void
authsecret_prepare(const struct authremote *a, struct places *places)
{
	const struct authremote_login *login;

	for (size_t i = 0; (login = authremote_line(a, i)) != NULL; i++)
		add_place(login, places);
}

void
authsecret_wipe(struct authsecret *secret)
{
	explicit_bzero(secret, sizeof *secret);
}
