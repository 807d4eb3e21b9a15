/* The people who work at the devices: the directory, their sign-ins and their mail. */
#include "config.h"
#include "sim/hunt_life.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define PEOPLE 2000 /* of that many devices at most */
#define LURE_SENDER "billing@invoices.example.org"

struct person {
	const struct machine *machine; /* where they work */
	const char *account;
	char *upn, *sid, *name;
	char object[37];
};

typedef void person_writer(struct hunt_maker *maker, const struct person *person);

static const char *const given[] = { "Ada", "Ben", "Chiara", "Deniz", "Elif", "Femi", "Greta", "Hiro", "Ines", "Jonas" };
static const char *const family[] = { "Adler", "Brandt", "Costa", "Dimov", "Eriksen", "Fontaine", "Gruber", "Horvat" };

char *hunt_person_name(struct rng *rng)
{
	const char *first = given[rng_below(rng, G_N_ELEMENTS(given))];

	return g_strdup_printf("%s %s", first, family[rng_below(rng, G_N_ELEMENTS(family))]);
}

static bool is_person(const struct machine *m)
{
	return m->account != NULL && machine_is_onboarded(m) && !machine_is_server(m) && !machine_is_linux(m);
}

static void each_person(struct hunt_maker *maker, person_writer *write)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < MIN(tenant->count, PEOPLE); i++) {
		const struct machine *m = &tenant->machines[i];
		struct person person = { .machine = m, .account = m->account };

		if (!is_person(m))
			continue;
		rng_init(&maker->rng, 7, m->account, 0);
		person.name = hunt_person_name(&maker->rng);
		person.upn = g_strdup_printf("%s@contoso.com", m->account);
		person.sid = hunt_account_sid(m->account);
		hunt_account_object(m->account, person.object);
		write(maker, &person);
		g_free(person.name);
		g_free(person.upn);
		g_free(person.sid);
	}
}

static void write_identity(struct hunt_maker *maker, const struct person *person)
{
	AUTO(g_strfreev) char **names = g_strsplit(person->name, " ", 2);
	bool admin = g_strcmp0(person->machine->group, "IT") == 0;

	hunt_put_int(maker, "Timestamp", maker->now - ISOTIME_TICKS_PER_DAY / 2);
	hunt_put(maker, "ReportId", person->object);
	hunt_put(maker, "AccountObjectId", person->object);
	hunt_put(maker, "AccountUpn", person->upn);
	hunt_put(maker, "OnPremSid", person->sid);
	hunt_put(maker, "AccountDisplayName", person->name);
	hunt_put(maker, "AccountName", person->account);
	hunt_put(maker, "AccountDomain", "contoso");
	hunt_put(maker, "EmailAddress", person->upn);
	hunt_put(maker, "GivenName", names[0]);
	hunt_put(maker, "Surname", names[1]);
	hunt_put(maker, "Department", person->machine->group);
	hunt_put(maker, "Type", "User");
	hunt_put(maker, "CompanyName", "Contoso");
	hunt_put(maker, "AssignedRoles", admin ? "[\"Helpdesk Administrator\"]" : "[]");
	hunt_put_int(maker, "IsAccountEnabled", 1);
	hunt_put_int(maker, "CriticalityLevel", admin ? 1 : 3);
	hunt_end_row(maker);
}

void hunt_make_identities(struct hunt_maker *maker)
{
	each_person(maker, write_identity);
}

/* ---- sign-ins */

static void put_person(struct hunt_maker *maker, const struct person *person)
{
	hunt_put(maker, "AccountDisplayName", person->name);
	hunt_put(maker, "AccountObjectId", person->object);
	hunt_put(maker, "AccountUpn", person->upn);
}

static void write_sign_ins(struct hunt_maker *maker, const struct person *person)
{
	static const char *const applications[] = { "Office 365 Exchange Online", "Microsoft Teams", "Azure Portal", "Intranet" };
	const struct machine *m = person->machine;
	char id[37];

	for (unsigned n = 0; n < 10; n++) {
		bool failed = rng_percent(&maker->rng, 6);

		rng_guid(&maker->rng, id);
		hunt_put_int(maker, "Timestamp", maker->now - (int64_t)(rng_next(&maker->rng) % (28 * ISOTIME_TICKS_PER_DAY)));
		hunt_put(maker, "Application", applications[rng_below(&maker->rng, G_N_ELEMENTS(applications))]);
		hunt_put(maker, "LogonType", "[\"interactiveUser\"]");
		hunt_put_int(maker, "ErrorCode", failed ? 50126 : 0);
		hunt_put(maker, "CorrelationId", id);
		hunt_put(maker, "RequestId", id);
		hunt_put(maker, "ReportId", id);
		put_person(maker, person);
		hunt_put(maker, "DeviceName", m->name);
		hunt_put(maker, "EntraIdDeviceId", m->aad_id);
		hunt_put(maker, "OSPlatform", m->platform);
		hunt_put(maker, "IPAddress", m->external_ip);
		hunt_put(maker, "Country", "DE");
		hunt_put(maker, "ClientAppUsed", "Browser");
		hunt_put_int(maker, "IsManaged", m->joined == 1);
		hunt_put_int(maker, "IsCompliant", m->joined == 1);
		hunt_put_int(maker, "RiskLevelDuringSignIn", 0);
		hunt_end_row(maker);
	}
}

void hunt_make_sign_ins(struct hunt_maker *maker)
{
	each_person(maker, write_sign_ins);
}

static void write_logons(struct hunt_maker *maker, const struct person *person)
{
	char id[37];

	for (unsigned n = 0; n < 4; n++) {
		bool failed = rng_percent(&maker->rng, 5);

		rng_guid(&maker->rng, id);
		hunt_put_int(maker, "Timestamp", maker->now - (int64_t)(rng_next(&maker->rng) % (14 * ISOTIME_TICKS_PER_DAY)));
		hunt_put(maker, "ActionType", failed ? "LogonFailed" : "LogonSuccess");
		hunt_put(maker, "Application", "Active Directory");
		hunt_put(maker, "LogonType", "Interactive");
		hunt_put(maker, "Protocol", "Kerberos");
		hunt_put(maker, "FailureReason", failed ? "WrongPassword" : NULL);
		hunt_put(maker, "AccountName", person->account);
		hunt_put(maker, "AccountDomain", "contoso");
		hunt_put(maker, "AccountSid", person->sid);
		put_person(maker, person);
		hunt_put(maker, "DeviceName", person->machine->name);
		hunt_put(maker, "OSPlatform", person->machine->platform);
		hunt_put(maker, "IPAddress", person->machine->last_ip);
		hunt_put(maker, "DestinationDeviceName", "srv-dc-01.corp.contoso.com");
		hunt_put_int(maker, "DestinationPort", 88);
		hunt_put(maker, "ReportId", id);
		hunt_end_row(maker);
	}
}

void hunt_make_identity_logons(struct hunt_maker *maker)
{
	each_person(maker, write_logons);
}

/* ---- mail */

struct mail {
	const char *sender, *subject, *file, *url;
	bool lure;
	int64_t time;
	char id[37];
};

static const struct mail usual_mail[] = {
	{ "news@newsletter.example", "Your weekly news", NULL, "https://newsletter.example/read", false, 0, "" },
	{ "team@contoso.com", "Minutes of the meeting", "minutes.docx", NULL, false, 0, "" },
	{ "orders@shop.example", "Your order was shipped", NULL, "https://shop.example/track", false, 0, "" },
	{ "hr@contoso.com", "Holiday plan", "plan.xlsx", NULL, false, 0, "" },
};

/* Calls write for each mail of a person; those who got the lure are the story's and their neighbours in Finance. */
static void each_mail(struct hunt_maker *maker, const struct person *person,
	void (*write)(struct hunt_maker *, const struct person *, const struct mail *))
{
	for (unsigned n = 0; n < 6; n++) {
		struct mail mail = usual_mail[rng_below(&maker->rng, G_N_ELEMENTS(usual_mail))];

		mail.time = maker->now - (int64_t)(rng_next(&maker->rng) % (28 * ISOTIME_TICKS_PER_DAY));
		rng_guid(&maker->rng, mail.id);
		write(maker, person, &mail);
	}
	if ((person->machine->story & STORY_VULNERABLE) != 0) {
		struct mail lure = { .sender = LURE_SENDER, .subject = "Overdue invoice 4711", .file = HUNT_LURE, .lure = true,
			.time = hunt_story_time(maker, 0) - 600 * ISOTIME_TICKS_PER_SECOND };

		rng_guid(&maker->rng, lure.id);
		write(maker, person, &lure);
	}
}

static void begin_mail(struct hunt_maker *maker, const struct mail *mail)
{
	hunt_put_int(maker, "Timestamp", mail->time);
	hunt_put(maker, "NetworkMessageId", mail->id);
	hunt_put(maker, "ReportId", mail->id);
}

static void write_mail(struct hunt_maker *maker, const struct person *person, const struct mail *mail)
{
	bool inside = g_str_has_suffix(mail->sender, "@contoso.com");

	begin_mail(maker, mail);
	hunt_put(maker, "SenderFromAddress", mail->sender);
	hunt_put(maker, "SenderMailFromAddress", mail->sender);
	hunt_put(maker, "SenderFromDomain", strchr(mail->sender, '@') + 1);
	hunt_put(maker, "SenderMailFromDomain", strchr(mail->sender, '@') + 1);
	hunt_put(maker, "SenderIPv4", inside ? NULL : mail->lure ? "198.51.100.23" : "192.0.2.25");
	hunt_put(maker, "RecipientEmailAddress", person->upn);
	hunt_put(maker, "RecipientObjectId", person->object);
	hunt_put(maker, "Subject", mail->subject);
	hunt_put(maker, "EmailDirection", inside ? "Intra-org" : "Inbound");
	hunt_put(maker, "DeliveryAction", "Delivered");
	hunt_put(maker, "DeliveryLocation", "Inbox/folder");
	hunt_put_int(maker, "AttachmentCount", mail->file != NULL);
	hunt_put_int(maker, "UrlCount", mail->url != NULL);
	hunt_end_row(maker);
}

static void write_attachment(struct hunt_maker *maker, const struct person *person, const struct mail *mail)
{
	struct hunt_sums sums;

	if (mail->file == NULL)
		return;
	hunt_sums(mail->file, &sums);
	begin_mail(maker, mail);
	hunt_put(maker, "SenderFromAddress", mail->sender);
	hunt_put(maker, "RecipientEmailAddress", person->upn);
	hunt_put(maker, "RecipientObjectId", person->object);
	hunt_put(maker, "FileName", mail->file);
	hunt_put(maker, "FileType", strrchr(mail->file, '.') + 1);
	hunt_put(maker, "SHA256", sums.sha256);
	hunt_end_row(maker);
}

static void write_url(struct hunt_maker *maker, const struct person *person, const struct mail *mail)
{
	(void)person;
	if (mail->url == NULL)
		return;
	AUTO(g_strfreev) char **parts = g_strsplit(mail->url, "/", 4);

	begin_mail(maker, mail);
	hunt_put(maker, "Url", mail->url);
	hunt_put(maker, "UrlDomain", parts[2]);
	hunt_put(maker, "UrlLocation", "Body");
	hunt_end_row(maker);
}

static void write_mails(struct hunt_maker *maker, const struct person *person)
{
	each_mail(maker, person, write_mail);
}

static void write_attachments(struct hunt_maker *maker, const struct person *person)
{
	each_mail(maker, person, write_attachment);
}

static void write_urls(struct hunt_maker *maker, const struct person *person)
{
	each_mail(maker, person, write_url);
}

void hunt_make_mails(struct hunt_maker *maker)
{
	each_person(maker, write_mails);
}

void hunt_make_attachments(struct hunt_maker *maker)
{
	each_person(maker, write_attachments);
}

void hunt_make_mail_urls(struct hunt_maker *maker)
{
	each_person(maker, write_urls);
}
