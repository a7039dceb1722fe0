/* SPDX-License-Identifier: ISC
 *
 * offers: the SASL mechanisms that postern-auth knows, and which of them
 * control/authmechanisms allows. */
#ifndef CONTROL_OFFERS_H
#define CONTROL_OFFERS_H

#include "control/control.h"

/* In the order in which they are offered: old clients take the first. */
enum offer {
	OFFER_PLAIN,
	OFFER_LOGIN,
	OFFER_SCRAM,
	OFFER_SCRAM_PLUS,
	OFFER_EXTERNAL,
	OFFERS
};

const char *offer_name(enum offer offer);

/* The one of that name, case ignored; OFFERS: none. */
enum offer offer_find(struct span name);

/* Reads control/authmechanisms; without it all are allowed. Returns 0, or -1
 * with the control error set. */
int offers_read(struct control *c, bool allowed[OFFERS]);

#endif
