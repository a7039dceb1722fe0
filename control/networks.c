/* SPDX-License-Identifier: ISC */
#include "control/networks.h"

int
networks_entry(struct control *c, const struct control_list *list,
	struct span entry, bool any, struct ip_net *out)
{
	if (ip_net_parse(entry, out) == -1)
		return control_fail(c, list->name, list->line,
			"not an address or network like 192.0.2.0/24 "
			"or 2001:db8::/32 (bits behind the prefix "
			"must be 0)");
	if (out->bits == 0 && !any)
		return control_fail(c, list->name, list->line,
			"a network of everybody; list those you mean");
	return 0;
}

int
networks_read(struct networks *n, struct control *c, enum control_id id)
{
	struct control_list list;
	struct span entry;
	int result = control_list(c, id, &list);

	n->count = 0;
	while (result == 1 && control_next(&list, &entry)) {
		if (n->count == NETWORKS_MAX)
			result = control_fail(c, list.name, list.line,
				"more than 256 networks; put some together");
		else
			result = networks_entry(c, &list, entry, false,
					 &n->net[n->count++]) == -1
					 ? -1
					 : 1;
	}
	control_list_free(&list);
	return result == -1 ? -1 : 0;
}

bool
networks_have(const struct networks *n, const struct ip *ip)
{
	for (size_t i = 0; i < n->count; i++)
		if (ip_net_has(&n->net[i], ip))
			return true;
	return false;
}
