/* SPDX-License-Identifier: ISC */
#include "smtp/policy.h"

#include <errno.h>

#include "control/networks.h"
#include "control/tlsclients.h"
#include "pure/ascii.h"

/* How an address stands to a list of networks. */
struct covered {
	bool at_all;
	bool by_itself;       /* by an entry that is this address alone */
	struct policy_why by; /* the first entry */
};

/* Reads a list of networks to its end, so that a bad line is found wherever
 * it stands. `any` allows a network of everything. */
static int
read_networks(struct control *c, enum control_id id, const struct peer *peer,
	bool any, struct covered *covered)
{
	struct control_list list;
	struct span entry;
	struct ip_net net;
	int result = control_list(c, id, &list);

	*covered = (struct covered){ .at_all = false };
	while (result == 1 && control_next(&list, &entry)) {
		if (networks_entry(c, &list, entry, any, &net) == -1) {
			result = -1;
		} else if (peer->kind == PEER_INET &&
			   ip_net_has(&net, &peer->ip)) {
			if (!covered->at_all)
				covered->by = (struct policy_why){ list.name,
					list.line };
			covered->at_all = true;
			covered->by_itself |= ip_net_single(&net);
		}
	}
	control_list_free(&list);
	return result == -1 ? -1 : 0;
}

/* Decides whether relayfrom gives this client the right to relay. */
static int
read_relayfrom(struct policy *p, const struct peer *peer,
	const struct gateway_paths *routes)
{
	struct covered covered;
	int gateway = 0;

	if (read_networks(p->control, CONTROL_RELAYFROM, peer, false, &covered))
		return -1;
	if (covered.at_all && !covered.by_itself)
		gateway = gateway_is(routes, &peer->ip);
	if (gateway == -1)
		return control_fail(p->control, "relayfrom", 0,
			"the routing table cannot be read, so a default "
			"gateway would go unseen; list single addresses");
	p->gateway = gateway == 1;
	p->relay = covered.at_all && !p->gateway;
	p->relay_by = covered.by;
	return 0;
}

/* RELAYCLIENT counts only from a supervisor that sets it per address: one
 * that says TCPREMOTEIP as well (S-251). */
static int
read_relayclient(
	struct policy *p, const struct peer *peer, const char *relayclient)
{
	struct span value;

	if (!relayclient || !peer->supervised || peer->kind != PEER_INET)
		return 0;
	value = span_of(relayclient);
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_visible(value.p[i]))
			return control_fail(p->control, "relayfrom", 0,
				"RELAYCLIENT in the environment holds bytes "
				"that no address has");
	if (value.n >= sizeof p->suffix)
		return control_fail(p->control, "relayfrom", 0,
			"RELAYCLIENT in the environment is too long");
	memcpy(p->suffix, value.p, value.n);
	p->suffix[value.n] = '\0';
	p->relay = true;
	p->gateway = false;
	return 0;
}

/* Checks every line of rcpthosts: a domain, .domain, or a literal. */
static int
read_rcpthosts(struct policy *p)
{
	struct control_list *list = &p->rcpthosts;
	struct span entry;

	if (control_list(p->control, CONTROL_RCPTHOSTS, list) == -1)
		return -1;
	while (control_next(list, &entry)) {
		struct span name = span_from(entry, entry.p[0] == '.');

		if (entry.p[0] != '[' && !address_domain_valid(name, true))
			return control_fail(p->control, list->name, list->line,
				"not a domain; write example.org, .example.org "
				"(names below it) or [192.0.2.1]");
	}
	return map_open(p->control, CONTROL_MORERCPTHOSTS, &p->morercpthosts) ==
			       -1
		       ? -1
		       : 0;
}

static int
read_badmailfrom(struct policy *p)
{
	struct control_list *list = &p->badmailfrom;
	struct span entry;

	if (control_list(p->control, CONTROL_BADMAILFROM, list) == -1)
		return -1;
	while (control_next(list, &entry))
		if (span_find(entry, '@') == entry.n)
			return control_fail(p->control, list->name, list->line,
				"not an address or @domain");
	return 0;
}

static int
read_locals(struct policy *p)
{
	bool rewrite = rewrite_wanted(p->control);

	if (!p->control->text[CONTROL_LOCALS] && !rewrite)
		return 0;
	p->mailboxes = mailboxes_open(p->control);
	if (!p->mailboxes || !rewrite)
		return p->mailboxes ? 0 : -1;
	p->rewrite = rewrite_open(p->control, p->mailboxes);
	return p->rewrite ? 0 : -1;
}

/* Reads hidereceived: networks, and the word relay for every client that may
 * relay. */
static int
read_hidereceived(struct policy *p, const struct peer *peer)
{
	struct control_list list;
	struct span entry;
	struct ip_net net;
	int result = control_list(p->control, CONTROL_HIDERECEIVED, &list);

	while (result == 1 && control_next(&list, &entry)) {
		if (span_eq_nocase(entry, SPAN("relay")))
			p->hiderelay = true;
		else if (ip_net_parse(entry, &net) == -1)
			result = control_fail(p->control, list.name, list.line,
				"not a network like 192.0.2.0/24 or "
				"2001:db8::/32, nor the word relay");
		else
			p->hidden |= peer->kind == PEER_INET &&
				     ip_net_has(&net, &peer->ip);
	}
	control_list_free(&list);
	p->hidden |= p->hiderelay && p->relay;
	return result == -1 ? -1 : 0;
}

int
policy_open(struct policy *p, struct control *c, const struct peer *peer,
	const char *relayclient, const struct gateway_paths *routes)
{
	struct covered denied;
	struct covered normalize;
	struct covered insecure;

	*p = (struct policy){ .control = c };
	if (read_networks(c, CONTROL_DENYFROM, peer, true, &denied) ||
		read_networks(c, CONTROL_NORMALIZE, peer, false, &normalize) ||
		read_networks(
			c, CONTROL_AUTHINSECURE, peer, false, &insecure) ||
		read_relayfrom(p, peer, routes) ||
		read_relayclient(p, peer, relayclient) || read_rcpthosts(p) ||
		read_badmailfrom(p) || read_locals(p))
		return -1;
	p->denied = denied.at_all;
	p->denied_by = denied.by;
	p->normalize = normalize.at_all;
	p->insecure = insecure.at_all;
	p->here = peer->kind == PEER_LOCAL ||
		  (peer->kind == PEER_INET && ip_is_loopback(&peer->ip));
	p->relay |= p->here;
	return read_hidereceived(p, peer);
}

void
policy_close(struct policy *p)
{
	control_list_free(&p->rcpthosts);
	control_list_free(&p->badmailfrom);
	map_close(p->morercpthosts);
	rewrite_close(p->rewrite);
	if (p->mailboxes)
		mailboxes_close(p->mailboxes);
}

int
policy_submission(struct policy *p)
{
	p->relay = false;
	p->gateway = false;
	p->suffix[0] = '\0';
	if (!p->mailboxes)
		p->mailboxes = mailboxes_open(p->control);
	if (p->mailboxes && !p->rewrite)
		p->rewrite = rewrite_open(p->control, p->mailboxes);
	return p->rewrite ? 0 : -1;
}

void
policy_grant(struct policy *p, struct policy_why by)
{
	p->relay = true;
	p->gateway = false;
	p->relay_by = by;
	p->hidden |= p->hiderelay;
}

int
policy_certificate(
	struct policy *p, struct span fingerprint, struct buf *identity)
{
	unsigned line;
	int found = tlsclients_find(p->control, fingerprint, identity, &line);

	if (found == 1)
		policy_grant(p,
			(struct policy_why){
				line ? "tlsclients" : "tlsclients.cdb", line });
	return found;
}

enum policy_verdict
policy_sender(struct policy *p, const struct address *sender)
{
	struct control_list list = p->badmailfrom;
	struct span text = address_text(sender);
	struct span entry;

	p->why = (struct policy_why){ .file = NULL };
	control_rewind(&list);
	while (text.n && control_next(&list, &entry)) {
		bool bad = entry.p[0] == '@'
				   ? span_eq_nocase(span_from(entry, 1),
					     address_domain(sender))
				   : span_eq_nocase(entry, text);

		if (bad) {
			p->why = (struct policy_why){ list.name, list.line };
			return POLICY_SENDER;
		}
	}
	return POLICY_OK;
}

/* Does one line or key of rcpthosts cover the domain? `.suffix` covers the
 * names below it, not itself. */
static bool
in_text(struct policy *p, struct span domain)
{
	struct control_list list = p->rcpthosts;
	struct span entry;

	control_rewind(&list);
	while (control_next(&list, &entry))
		if (entry.p[0] == '.' ? domain.n > entry.n &&
						span_ends_nocase(domain, entry)
				      : span_eq_nocase(domain, entry)) {
			p->why = (struct policy_why){ list.name, list.line };
			return true;
		}
	return false;
}

/* Asks morercpthosts.cdb for the domain and every .suffix of it. Returns 1,
 * 0, or -1 with the control error set. */
static int
in_map(struct policy *p, struct span domain)
{
	char lower[LIMIT_DOMAIN];
	char value[LIMIT_DOMAIN];
	size_t len;

	/* a list that nobody has compiled yet: is the domain in it? */
	if (!p->morercpthosts && (p->control->text[CONTROL_MORERCPTHOSTS]))
		return control_fail(p->control, "morercpthosts", 0,
			"not compiled; run postern-cdb morercpthosts");
	if (!p->morercpthosts || domain.n > sizeof lower)
		return 0;
	for (size_t i = 0; i < domain.n; i++)
		lower[i] = ascii_lower(domain.p[i]);
	for (size_t i = 0; i < domain.n; i++) {
		struct span key = { lower + i, domain.n - i };
		int found = 0;

		if (i == 0 || key.p[0] == '.')
			found = map_find(p->control, p->morercpthosts, key,
				value, sizeof value, &len);
		if (found) {
			p->why = (struct policy_why){ "morercpthosts.cdb", 0 };
			return found;
		}
	}
	return 0;
}

/* Judges a recipient that is not local. */
static enum policy_verdict
judge_foreign(struct policy *p, const struct address *rcpt)
{
	struct span domain = address_domain(rcpt);
	struct span local = address_local(rcpt);
	int ours;

	p->why = p->relay_by;
	if (p->relay)
		return POLICY_OK;
	ours = in_text(p, domain) ? 1 : in_map(p, domain);
	if (ours == -1)
		return POLICY_BROKEN;
	if (!ours)
		return p->gateway ? POLICY_GATEWAY : POLICY_RELAY;
	/* The host behind us may still read these as routes (S-070). */
	for (size_t i = 0; i < local.n; i++)
		if (local.p[i] == '%' || local.p[i] == '!' || local.p[i] == '@')
			return POLICY_ROUTED;
	return POLICY_OK;
}

/* Judges a recipient in one of control/locals, or the postmaster without a
 * domain, who can always be reached (RFC 5321 4.5.1). */
static enum policy_verdict
judge_local(struct policy *p, struct span rcpt, struct span *as)
{
	int found;

	/* Without locals the tables are wanted by the postmaster alone. */
	if (!p->mailboxes)
		p->mailboxes = mailboxes_open(p->control);
	if (!p->mailboxes)
		return POLICY_BROKEN;
	p->why = (struct policy_why){ .file = NULL };
	found = p->rewrite ? rewrite_recipient(p->rewrite, rcpt, as)
			   : mailboxes_recipient(p->mailboxes, rcpt, as);
	switch (found) {
	case 1:
		return POLICY_OK;
	case 0:
		return POLICY_NO_USER;
	default:
		return POLICY_BROKEN;
	}
}

enum policy_verdict
policy_complete(struct policy *p, struct address *sender)
{
	struct buf full = { sender->text, LIMIT_ADDRESS, 0, false };
	char name[LIMIT_ADDRESS];

	if (!p->rewrite || !p->relay)
		return POLICY_NO_DOMAIN;
	memcpy(name, sender->text, sender->len);
	if (rewrite_complete(p->rewrite, (struct span){ name, sender->len },
		    &full) == -1)
		return POLICY_BROKEN;
	sender->len = full.len;
	return POLICY_OK;
}

static int
pass_over(void *ctx, struct span address)
{
	(void)ctx;
	(void)address;
	return 0;
}

/* Would postern-rewrite take this recipient, and can it? */
static enum policy_verdict
judge_rewritten(struct policy *p, struct span rcpt)
{
	switch (rewrite_rcpt(p->rewrite, rcpt, pass_over, NULL)) {
	case 1:
		return POLICY_OK;
	case 0:
		return POLICY_NOT_ALLOWED;
	default:
		return POLICY_BROKEN;
	}
}

/* A name without a domain: the postmaster, an alias, and where names are
 * completed whatever a client that may relay says. */
static enum policy_verdict
judge_bare(struct policy *p, struct span rcpt, struct span *as)
{
	bool postmaster = span_eq_nocase(rcpt, SPAN("postmaster"));
	enum policy_verdict verdict;

	if (!postmaster && !p->rewrite)
		return POLICY_NO_DOMAIN;
	verdict = judge_local(p, rcpt, as);
	if (verdict != POLICY_NO_USER || postmaster)
		return verdict;
	if (!p->relay)
		return POLICY_NO_DOMAIN;
	return mailboxes_local(p->mailboxes, address_domain_of(*as))
		       ? POLICY_NO_USER
		       : POLICY_OK;
}

enum policy_verdict
policy_rcpt(struct policy *p, const struct address *rcpt, struct buf *stored)
{
	struct span domain = address_domain(rcpt);
	struct span as = address_text(rcpt);
	enum policy_verdict verdict;

	if (!domain.n)
		verdict = judge_bare(p, as, &as);
	else if (p->mailboxes && mailboxes_local(p->mailboxes, domain))
		verdict = judge_local(p, as, &as);
	else
		verdict = judge_foreign(p, rcpt);
	if (verdict == POLICY_OK && p->rewrite)
		verdict = judge_rewritten(p, as);
	if (verdict != POLICY_OK)
		return verdict;
	buf_span(stored, as);
	buf_str(stored, p->suffix);
	return stored->over ? POLICY_LONG : POLICY_OK;
}
