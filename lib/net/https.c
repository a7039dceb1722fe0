/* SPDX-License-Identifier: ISC */
#include "net/https.h"

#include <curl/curl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_MS = 15000 };

/* libcurl keeps copies of what it sends and gets. */
static void
wipe_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *
wipe_realloc(void *p, size_t n)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *to = malloc(n);

	if (to && p) {
		memcpy(to, p, had < n ? had : n);
		wipe_free(p);
	}
	return to;
}

int
https_begin(void)
{
	/* With it OpenSSL's keys would be written to a file. */
	if (unsetenv("SSLKEYLOGFILE") == -1)
		return -1;
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_free,
		       wipe_realloc, strdup, calloc) == CURLE_OK
		       ? 0
		       : -1;
}

static size_t
take(char *from, size_t one, size_t n, void *ctx)
{
	struct https_answer *out = ctx;

	(void)one; /* is 1 */
	if (n > sizeof out->body - out->len)
		return 0;
	memcpy(out->body + out->len, from, n);
	out->len += n;
	return n;
}

/* The options that are the same for all. */
static CURLcode
set_manners(CURL *curl, struct curl_slist *headers)
{
	const struct {
		CURLoption option;
		const char *text;
	} texts[] = {
		{CURLOPT_PROTOCOLS_STR, "https,http"              },
		{ CURLOPT_USERAGENT,    "postern/" POSTERN_VERSION},
	};
	const struct {
		CURLoption option;
		long number;
	} numbers[] = {
		{CURLOPT_FOLLOWLOCATION,     0                      },
		{ CURLOPT_SSL_VERIFYPEER,    1                      },
		{ CURLOPT_SSL_VERIFYHOST,    2                      },
		{ CURLOPT_SSLVERSION,        CURL_SSLVERSION_TLSv1_2},
		{ CURLOPT_NETRC,             CURL_NETRC_IGNORED     },
		{ CURLOPT_HTTPAUTH,          CURLAUTH_BASIC         },
		{ CURLOPT_NOSIGNAL,          1                      },
		{ CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS             },
	};
	CURLcode code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

	for (size_t i = 0; i < LEN(texts) && code == CURLE_OK; i++)
		code = curl_easy_setopt(curl, texts[i].option, texts[i].text);
	for (size_t i = 0; i < LEN(numbers) && code == CURLE_OK; i++)
		code = curl_easy_setopt(
			curl, numbers[i].option, numbers[i].number);
	return code;
}

static CURLcode
set_request(CURL *curl, const struct https_request *request,
	struct https_answer *out, char words[CURL_ERROR_SIZE])
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, request->url);

	if (code == CURLE_OK && request->cafile)
		code = curl_easy_setopt(curl, CURLOPT_CAINFO, request->cafile);
	if (code == CURLE_OK && request->cafile)
		code = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	if (code == CURLE_OK && request->user)
		code = curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
	if (code == CURLE_OK && request->user)
		code = curl_easy_setopt(
			curl, CURLOPT_PASSWORD, request->password);
	/* What is in clear text may not leave this machine. */
	if (code == CURLE_OK &&
		span_begins_nocase(span_of(request->url), SPAN("http:")))
		code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(
			curl, CURLOPT_POSTFIELDS, request->form);
	if (code == CURLE_OK)
		code = curl_easy_setopt(
			curl, CURLOPT_TIMEOUT_MS, request->timeout_ms);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	return code;
}

static CURLcode
perform(CURL *curl, struct https_answer *out)
{
	CURLcode code = curl_easy_perform(curl);
	curl_off_t retry = 0;

	if (code != CURLE_OK)
		return code;
	if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry) == CURLE_OK)
		out->retry_after = retry;
	return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
}

static void
explain(struct https_answer *out, CURLcode code, const char *words)
{
	if (code == CURLE_WRITE_ERROR)
		words = "an answer of more than 64 KiB";
	else if (!*words)
		words = curl_easy_strerror(code);
	snprintf(out->error, sizeof out->error, "%s", words);
}

int
https_post(const struct https_request *request, struct https_answer *out)
{
	char words[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	struct curl_slist *headers =
		curl_slist_append(NULL, "Accept: application/json");
	CURLcode code = CURLE_OUT_OF_MEMORY;

	out->status = 0;
	out->retry_after = 0;
	out->len = 0;
	out->error[0] = '\0';
	if (!curl || !headers)
		goto out;
	code = set_manners(curl, headers);
	if (code == CURLE_OK)
		code = set_request(curl, request, out, words);
	if (code == CURLE_OK)
		code = perform(curl, out);
out:
	if (code != CURLE_OK)
		explain(out, code, words);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? 0 : -1;
}
