package fakeforce

// Key prefixes of ids.
const (
	prefixJob    = "750"
	prefixCursor = "01g"
	prefixOrg    = "00D"
)

var (
	industries  = []string{"Agriculture", "Apparel", "Banking", "Chemicals", "Energy", "Finance", "Healthcare", "Retail", "Technology", "Other"}
	leadSources = []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}
	stages      = []string{"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"}
)

// standardObjects returns the objects that the org has, each with the fields that ordinary integrations read.
func standardObjects() []*Object {
	return []*Object{
		newObject(Object{Name: "Account", Prefix: "001", Label: "Account", Plural: "Accounts", Recycles: true},
			text("Name", 255).required(), pick("Type", "Prospect", "Customer - Direct", "Channel Partner / Reseller", "Other"),
			ref("ParentId", "Account"),
			area("BillingStreet", 255), text("BillingCity", 40), text("BillingState", 80), text("BillingPostalCode", 20), text("BillingCountry", 80),
			typed("BillingAddress", TypeAddress).readOnly(),
			area("ShippingStreet", 255), text("ShippingCity", 40), text("ShippingState", 80), text("ShippingPostalCode", 20), text("ShippingCountry", 80),
			typed("ShippingAddress", TypeAddress).readOnly(),
			phone("Phone"), phone("Fax"), text("AccountNumber", 40), webURL("Website"), text("Sic", 20),
			pick("Industry", industries...), typed("AnnualRevenue", TypeCurrency), typed("NumberOfEmployees", TypeInt),
			pick("Ownership", "Public", "Private", "Subsidiary", "Other"), text("TickerSymbol", 20), area("Description", 32000),
			pick("Rating", "Hot", "Warm", "Cold"), text("Site", 80), ref("OwnerId", "User"),
			typed("LastActivityDate", TypeDate).readOnly(), typed("LastViewedDate", TypeDateTime).readOnly(), typed("LastReferencedDate", TypeDateTime).readOnly()),

		newObject(Object{Name: "Contact", Prefix: "003", Label: "Contact", Plural: "Contacts", Recycles: true},
			ref("AccountId", "Account"), text("LastName", 80).required(), text("FirstName", 40),
			pick("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."), text("Name", 121).readOnly(),
			area("MailingStreet", 255), text("MailingCity", 40), text("MailingState", 80), text("MailingPostalCode", 20), text("MailingCountry", 80),
			typed("MailingAddress", TypeAddress).readOnly(),
			phone("Phone"), phone("Fax"), phone("MobilePhone"), ref("ReportsToId", "Contact"), email("Email"),
			text("Title", 128), text("Department", 80), pick("LeadSource", leadSources...), area("Description", 32000), ref("OwnerId", "User"),
			typed("LastActivityDate", TypeDate).readOnly(), typed("LastViewedDate", TypeDateTime).readOnly(), typed("LastReferencedDate", TypeDateTime).readOnly()),

		newObject(Object{Name: "Lead", Prefix: "00Q", Label: "Lead", Plural: "Leads", Recycles: true},
			text("LastName", 80).required(), text("FirstName", 40), pick("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."), text("Name", 121).readOnly(),
			text("Title", 128), text("Company", 255).required(),
			area("Street", 255), text("City", 40), text("State", 80), text("PostalCode", 20), text("Country", 80), typed("Address", TypeAddress).readOnly(),
			phone("Phone"), phone("MobilePhone"), phone("Fax"), email("Email"), webURL("Website"), area("Description", 32000),
			pick("LeadSource", leadSources...), pick("Status", "Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted").required().otherwise("Open - Not Contacted"),
			pick("Industry", industries...), pick("Rating", "Hot", "Warm", "Cold"), typed("AnnualRevenue", TypeCurrency), typed("NumberOfEmployees", TypeInt), ref("OwnerId", "User"),
			flag("IsConverted").insertOnly(), typed("ConvertedDate", TypeDate).readOnly(),
			ref("ConvertedAccountId", "Account").readOnly(), ref("ConvertedContactId", "Contact").readOnly(), ref("ConvertedOpportunityId", "Opportunity").readOnly(),
			flag("IsUnreadByOwner").otherwise("true"),
			typed("LastActivityDate", TypeDate).readOnly(), typed("LastViewedDate", TypeDateTime).readOnly(), typed("LastReferencedDate", TypeDateTime).readOnly()),

		newObject(Object{Name: "Opportunity", Prefix: "006", Label: "Opportunity", Plural: "Opportunities", Recycles: true},
			ref("AccountId", "Account"), text("Name", 120).required(), area("Description", 32000), pick("StageName", stages...).required(),
			typed("Amount", TypeCurrency), typed("Probability", TypeDouble), typed("CloseDate", TypeDate).required(),
			pick("Type", "Existing Business", "New Business"), text("NextStep", 255), pick("LeadSource", leadSources...),
			flag("IsClosed").readOnly(), flag("IsWon").readOnly(), ref("OwnerId", "User"),
			typed("LastActivityDate", TypeDate).readOnly(), typed("LastViewedDate", TypeDateTime).readOnly(), typed("LastReferencedDate", TypeDateTime).readOnly()),

		newObject(Object{Name: "OpportunityContactRole", Prefix: "00K", Label: "Opportunity Contact Role", Plural: "Opportunity Contact Role", Recycles: true},
			ref("OpportunityId", "Opportunity").required().insertOnly(), ref("ContactId", "Contact").required().insertOnly(),
			pick("Role", "Business User", "Decision Maker", "Economic Buyer", "Evaluator", "Influencer", "Other"), flag("IsPrimary")),

		newObject(Object{Name: "User", Prefix: "005", Label: "User", Plural: "Users", ReadOnly: true},
			text("Username", 80).required(), text("LastName", 80).required(), text("FirstName", 40), text("Name", 121).readOnly(), text("CompanyName", 80),
			text("Department", 80), text("Title", 80), email("Email"), phone("Phone"), phone("MobilePhone"), text("Alias", 8),
			flag("IsActive").otherwise("true"), ref("UserRoleId", "UserRole"), pick("UserType", "Standard").readOnly().otherwise("Standard"), ref("ManagerId", "User"),
			pick("TimeZoneSidKey").otherwise("America/Los_Angeles"), typed("LastLoginDate", TypeDateTime).readOnly(),
			flag("UserPreferencesLightningExperiencePreferred").otherwise("true"),
			typed("LastViewedDate", TypeDateTime).readOnly(), typed("LastReferencedDate", TypeDateTime).readOnly()),

		newObject(Object{Name: "UserRole", Prefix: "00E", Label: "Role", Plural: "Roles", ReadOnly: true},
			text("Name", 80).required(), ref("ParentRoleId", "UserRole"), text("DeveloperName", 80), text("RollupDescription", 80)),

		newObject(Object{Name: "Task", Prefix: "00T", Label: "Task", Plural: "Tasks", Recycles: true},
			ref("RecordTypeId", "RecordType"), ref("WhoId", "Contact", "Lead"), ref("WhatId", "Account", "Opportunity"),
			text("Subject", 255), typed("ActivityDate", TypeDate),
			pick("Status", "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred").required().otherwise("Not Started"),
			pick("Priority", "High", "Normal", "Low").required().otherwise("Normal"), flag("IsHighPriority").readOnly(), ref("OwnerId", "User"), area("Description", 32000),
			pick("Type", "Call", "Email", "Meeting", "Other"), flag("IsClosed").readOnly(), ref("AccountId", "Account").readOnly(),
			pick("TaskSubtype", "Task", "Email", "Call").insertOnly().otherwise("Task"), typed("CallDurationInSeconds", TypeInt), pick("CallType", "Internal", "Inbound", "Outbound")),

		newObject(Object{Name: "Note", Prefix: "002", Label: "Note", Plural: "Notes", Recycles: true},
			ref("ParentId", "Account", "Contact", "Lead", "Opportunity").required().insertOnly(), text("Title", 80).required(),
			flag("IsPrivate"), area("Body", 32000), ref("OwnerId", "User")),

		newObject(Object{Name: "Organization", Prefix: prefixOrg, Label: "Organization", Plural: "Organizations", ReadOnly: true},
			text("Name", 80), text("Street", 255), text("City", 40), text("State", 80), text("PostalCode", 20), text("Country", 80), phone("Phone"),
			pick("OrganizationType"), flag("IsSandbox"), text("InstanceName", 5), text("NamespacePrefix", 15),
			pick("DefaultLocaleSidKey").otherwise("en_US"), pick("LanguageLocaleKey").otherwise("en_US"), pick("TimeZoneSidKey").otherwise("America/Los_Angeles"),
			typed("TrialExpirationDate", TypeDateTime)),

		newObject(Object{Name: "RecordType", Prefix: "012", Label: "Record Type", Plural: "Record Types", ReadOnly: true},
			text("Name", 80).required(), text("DeveloperName", 80).required(), text("NamespacePrefix", 15), text("Description", 255),
			pick("SobjectType").required(), flag("IsActive").otherwise("true")),
	}
}
