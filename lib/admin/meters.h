/* SPDX-License-Identifier: ISC
 *
 * meters: the state of the relay as OpenMetrics text (version 1.0), in a form
 * that readers of the older Prometheus text format take as well. */
#ifndef ADMIN_METERS_H
#define ADMIN_METERS_H

#include <stdio.h>

#include "admin/health.h"

/* Prints every figure, and the line that ends the text. Errors are left in
 * `out`. */
void meters_print(FILE *out, const struct health *h);

#endif
