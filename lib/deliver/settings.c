/* SPDX-License-Identifier: ISC */
#include "deliver/settings.h"

static int
read_numbers(struct settings *s, struct control *c)
{
	const struct {
		enum control_id id;
		uint64_t *to;
	} numbers[] = {
		{CONTROL_ACTIVEMAX,          &s->activemax        },
		{ CONTROL_CONCURRENCYREMOTE, &s->concurrencyremote},
		{ CONTROL_CONCURRENCYDEST,   &s->concurrencydest  },
		{ CONTROL_CONCURRENCYLOCAL,  &s->concurrencylocal },
		{ CONTROL_QUEUELIFETIME,     &s->queuelifetime    },
		{ CONTROL_RETRYMIN,          &s->retrymin         },
		{ CONTROL_RETRYMAX,          &s->retrymax         },
		{ CONTROL_SENDIDLE,          &s->sendidle         },
		{ CONTROL_DELAYWARN,         &s->delaywarn        },
		{ CONTROL_BOUNCERATE,        &s->bouncerate       },
	};

	for (size_t i = 0; i < LEN(numbers); i++)
		if (control_number(c, numbers[i].id, numbers[i].to) == -1)
			return -1;
	if (s->retrymax < s->retrymin)
		return control_fail(c, "retrymax", 0, "less than retrymin");
	return 0;
}

/* Whom reports come from, and who gets those that cannot be delivered. */
static int
read_addresses(struct settings *s, struct control *c)
{
	if (control_line(c, CONTROL_BOUNCESENDER, s->bouncesender,
		    sizeof s->bouncesender) == -1 ||
		control_line(c, CONTROL_DOUBLEBOUNCETO, s->doublebounceto,
			sizeof s->doublebounceto) == -1)
		return -1;
	if (*s->bouncesender && !strchr(s->bouncesender, '@'))
		return control_fail(
			c, "bouncesender", 0, "no address; write name@domain");
	return 0;
}

int
settings_read(struct settings *s, struct control *c)
{
	struct settings fresh = { .routes = NULL };
	int result = -1;

	if (control_open(c) == -1)
		goto out;
	if (read_numbers(&fresh, c) == -1 || read_addresses(&fresh, c) == -1)
		goto out;
	fresh.mailboxes = mailboxes_open(c);
	if (!fresh.mailboxes)
		goto out;
	fresh.routes = routes_open(c);
	if (!fresh.routes)
		goto out;
	fresh.nexthops = nexthops_open(c);
	if (!fresh.nexthops)
		goto out;
	fresh.version = s->version + 1;
	settings_free(s);
	*s = fresh;
	fresh = (struct settings){ .routes = NULL };
	result = 0;
out:
	settings_free(&fresh);
	control_close(c);
	return result;
}

void
settings_free(struct settings *s)
{
	if (s->mailboxes)
		mailboxes_close(s->mailboxes);
	if (s->routes)
		routes_close(s->routes);
	if (s->nexthops)
		nexthops_close(s->nexthops);
	*s = (struct settings){ .routes = NULL };
}
