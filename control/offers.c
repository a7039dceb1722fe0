/* SPDX-License-Identifier: ISC */
#include "control/offers.h"

static const char *const names[OFFERS] = {
	[OFFER_PLAIN] = "PLAIN",
	[OFFER_LOGIN] = "LOGIN",
	[OFFER_SCRAM] = "SCRAM-SHA-256",
	[OFFER_SCRAM_PLUS] = "SCRAM-SHA-256-PLUS",
	[OFFER_EXTERNAL] = "EXTERNAL",
};

const char *
offer_name(enum offer offer)
{
	return names[offer];
}

enum offer
offer_find(struct span name)
{
	int i = 0;

	while (i < OFFERS && !span_eq_nocase(name, span_of(names[i])))
		i++;
	return (enum offer)i;
}

int
offers_read(struct control *c, bool allowed[OFFERS])
{
	struct control_list list;
	struct span entry;
	int given = control_list(c, CONTROL_AUTHMECHANISMS, &list);
	int result = given == -1 ? -1 : 0;

	for (size_t i = 0; i < OFFERS; i++)
		allowed[i] = given == 0;
	while (result == 0 && control_next(&list, &entry)) {
		enum offer offer = offer_find(entry);

		if (offer != OFFERS)
			allowed[offer] = true;
		else
			result = control_fail(c, list.name, list.line,
				"no mechanism of ours: PLAIN, LOGIN, "
				"SCRAM-SHA-256, SCRAM-SHA-256-PLUS, EXTERNAL");
	}
	control_list_free(&list);
	return result;
}
