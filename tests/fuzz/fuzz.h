/* SPDX-License-Identifier: ISC
 *
 * fuzz: what every fuzz target needs. A target says in its first comment what
 * must be true for every input; MUST stops the run when it is not. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdlib.h>

#include "pure/span.h"

#define MUST(fact)                                                             \
	do {                                                                   \
		if (!(fact))                                                   \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The input, and one octet off its front to choose by (0 when none is left). */
static inline struct span
fuzz_input(const uint8_t *data, size_t n)
{
	return (struct span){ n ? (const char *)data : "", n };
}

static inline unsigned
fuzz_choice(struct span *in)
{
	unsigned octet = in->n ? (unsigned char)in->p[0] : 0;

	*in = span_from(*in, in->n ? 1 : 0);
	return octet;
}

#endif
