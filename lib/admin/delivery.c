/* SPDX-License-Identifier: ISC */
#include "admin/delivery.h"

#include "deliver/settings.h"

int
delivery_read(struct control *c)
{
	struct settings settings = { .routes = NULL };
	int result = settings_read(&settings, c);

	settings_free(&settings);
	return result;
}
