package schemas

// What follows are the objects and fields of R8, exactly: nothing else is imported. A field's name is its API name.

const (
	opt     = Nullable
	optPers = Nullable | Personal
	optRep  = Nullable | Repeats
)

// Lead is a person who may become a customer; a converted lead gives way to the contact it became (R15).
var Lead = &Dataset{
	Name: "crm_lead", Object: "Lead", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Leads of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"City", String, optRep, City, "City of the lead's address."},
		{"Company", String, opt, Company, "Company as the seller typed it."},
		{"ConvertedAccountId", String, opt, NoRole, "Account that the lead became part of."},
		{"ConvertedContactId", String, opt, NoRole, "Contact that the lead became."},
		{"ConvertedDate", Date, opt, NoRole, "Day of conversion."},
		{"ConvertedOpportunityId", String, opt, NoRole, "Opportunity opened at conversion."},
		{"Country", String, optRep, Country, "Country, name or ISO code, as typed."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the record was created."},
		{"Email", String, optPers, Email, "E-mail address."},
		{"FirstName", String, optPers, GivenName, "Given name."},
		{"Industry", String, optRep, Industry, "Industry."},
		{"IsConverted", Bool, 0, NoRole, "Whether the lead was converted."},
		{"IsUnreadByOwner", Bool, opt, NoRole, "Whether the owner has yet to open it."},
		{"LastActivityDate", Date, opt, NoRole, "Day of the latest activity."},
		{"LastName", String, Personal, Surname, "Surname."},
		{"LastReferencedDate", Timestamp, opt, NoRole, "When the integration user last referenced it."},
		{"LastViewedDate", Timestamp, opt, NoRole, "When the integration user last viewed it."},
		{"LeadSource", String, optRep, NoRole, "Where the lead came from."},
		{"OwnerId", String, Repeats, NoRole, "User or queue that owns the record."},
		{"Phone", String, optPers, Phone, "Telephone number as typed."},
		{"State", String, optRep, State, "State or region as typed."},
		{"Status", String, optRep, NoRole, "Lead status."},
		{"Street", String, optPers, Street, "Street address."},
		{"Title", String, optPers, Title, "Job title."},
		{"Website", String, opt, Website, "Web site."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the record was last modified."},
	},
}

// Contact is a person of an account.
var Contact = &Dataset{
	Name: "crm_contact", Object: "Contact", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Contacts of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"AccountId", String, opt, CompanyKey, "Account that the contact belongs to."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the record was created."},
		{"Department", String, optRep, NoRole, "Department."},
		{"Description", String, optPers, NoRole, "Free text."},
		{"Email", String, optPers, Email, "E-mail address."},
		{"Fax", String, optPers, NoRole, "Fax number as typed."},
		{"FirstName", String, optPers, GivenName, "Given name."},
		{"LastActivityDate", Date, opt, NoRole, "Day of the latest activity."},
		{"LastName", String, Personal, Surname, "Surname."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the record was last modified."},
		{"LastReferencedDate", Timestamp, opt, NoRole, "When the integration user last referenced it."},
		{"LastViewedDate", Timestamp, opt, NoRole, "When the integration user last viewed it."},
		{"LeadSource", String, optRep, NoRole, "Where the contact came from."},
		{"MailingStreet", String, optPers, Street, "Street of the mailing address."},
		{"MailingCity", String, optRep, City, "City of the mailing address."},
		{"MailingCountry", String, optRep, Country, "Country of the mailing address, as typed."},
		{"MailingState", String, optRep, State, "State or region of the mailing address, as typed."},
		{"Name", String, optPers, FullName, "Full name, built by Salesforce."},
		{"Phone", String, optPers, Phone, "Telephone number as typed."},
		{"Title", String, optPers, Title, "Job title."},
	},
}

// Account is a company.
var Account = &Dataset{
	Name: "crm_account", Object: "Account", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Accounts of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"Name", String, 0, Company, "Name of the account."},
		{"Website", String, opt, Website, "Web site as typed."},
		{"AnnualRevenue", Float64, opt, NoRole, "Annual revenue, in the org's currency."},
		{"NumberOfEmployees", Int64, opt, Employees, "Number of employees."},
		{"Phone", String, opt, Phone, "Telephone number as typed."},
		{"Industry", String, optRep, Industry, "Industry."},
		{"Type", String, optRep, NoRole, "Type of account: customer, prospect, partner."},
		{"BillingStreet", String, opt, Street, "Street of the billing address."},
		{"BillingCity", String, optRep, City, "City of the billing address."},
		{"BillingState", String, optRep, State, "State or region of the billing address."},
		{"BillingCountry", String, optRep, Country, "Country of the billing address."},
		{"BillingPostalCode", String, opt, PostalCode, "Postal code of the billing address."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the record was created."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the record was last modified."},
		{"OwnerId", String, Repeats, NoRole, "User who owns the account."},
		{"Description", String, opt, NoRole, "Free text."},
		{"Fax", String, opt, NoRole, "Fax number as typed."},
		{"ParentId", String, opt, NoRole, "Parent account."},
		{"ShippingCity", String, optRep, NoRole, "City of the shipping address."},
		{"ShippingCountry", String, optRep, NoRole, "Country of the shipping address."},
		{"ShippingPostalCode", String, opt, NoRole, "Postal code of the shipping address."},
		{"ShippingState", String, optRep, NoRole, "State or region of the shipping address."},
		{"ShippingStreet", String, opt, NoRole, "Street of the shipping address."},
		{"LastReferencedDate", Timestamp, opt, NoRole, "When the integration user last referenced it."},
		{"LastViewedDate", Timestamp, opt, NoRole, "When the integration user last viewed it."},
		{"Rating", String, optRep, NoRole, "Rating."},
		{"TickerSymbol", String, opt, Ticker, "Stock ticker."},
		{"Ownership", String, optRep, NoRole, "Public, private, subsidiary."},
	},
}

// Opportunity is a deal. The revenue field that the administrator named is added with Extend (R41).
var Opportunity = &Dataset{
	Name: "crm_opportunity", Object: "Opportunity", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Opportunities of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"AccountId", String, opt, NoRole, "Account of the deal."},
		{"Amount", Float64, opt, NoRole, "Amount, in the org's currency."},
		{"CloseDate", Date, 0, NoRole, "Day the deal closed or is expected to."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the record was created."},
		{"IsClosed", Bool, 0, NoRole, "Whether the stage is a closed one."},
		{"IsWon", Bool, 0, NoRole, "Whether the stage is a won one."},
		{"LastActivityDate", Date, opt, NoRole, "Day of the latest activity."},
		{"LastReferencedDate", Timestamp, opt, NoRole, "When the integration user last referenced it."},
		{"LastViewedDate", Timestamp, opt, NoRole, "When the integration user last viewed it."},
		{"LeadSource", String, optRep, NoRole, "Where the deal came from."},
		{"Name", String, 0, NoRole, "Name of the opportunity."},
		{"OwnerId", String, Repeats, NoRole, "User who owns the deal."},
		{"StageName", String, Repeats, NoRole, "Stage."},
		{"Type", String, optRep, NoRole, "New business, existing business."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the record was last modified."},
	},
}

// OpportunityCurrency is read besides R8 from orgs with several currencies, whose amounts mean nothing without it.
var OpportunityCurrency = Field{"CurrencyIsoCode", String, optRep, NoRole, "ISO code of the amounts' currency, in orgs with several."}

// OpportunityContactRole ties contacts to opportunities.
var OpportunityContactRole = &Dataset{
	Name: "crm_opportunity_contact_role", Object: "OpportunityContactRole", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Roles of contacts on opportunities.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"ContactId", String, 0, NoRole, "The contact."},
		{"IsPrimary", Bool, 0, NoRole, "Whether this is the deal's primary contact."},
		{"OpportunityId", String, 0, NoRole, "The opportunity."},
		{"Role", String, optRep, NoRole, "Role of the contact: decision maker, evaluator."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the record was created."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the record was last modified."},
	},
}

// User is a user of the Salesforce org.
var User = &Dataset{
	Name: "crm_user", Object: "User", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "Users of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"Name", String, optPers, FullName, "Full name."},
		{"Department", String, optRep, NoRole, "Department."},
		{"Email", String, optPers, Email, "E-mail address."},
		{"FirstName", String, optPers, GivenName, "Given name."},
		{"LastName", String, optPers, Surname, "Surname."},
		{"Title", String, optPers, Title, "Job title."},
		{"Phone", String, optPers, Phone, "Telephone number."},
		{"MobilePhone", String, optPers, NoRole, "Mobile number."},
		{"IsActive", Bool, 0, NoRole, "Whether the user can log in."},
		{"UserRoleId", String, optRep, NoRole, "Role in the role tree."},
		{"CreatedDate", Timestamp, 0, NoRole, "When the user was created."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the user was last modified."},
	},
}

// UserRole is a node of the org's role tree.
var UserRole = &Dataset{
	Name: "crm_user_role", Object: "UserRole", Source: FromCRM, Key: []string{"Id"}, Chain: true,
	Doc: "The role tree of the Salesforce org.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Salesforce id, 18 characters."},
		{"Name", String, 0, NoRole, "Name of the role."},
		{"ParentRoleId", String, opt, NoRole, "The role above; none at the top."},
		{"LastModifiedDate", Timestamp, 0, NoRole, "When the role was last modified."},
	},
}

// Org describes the Salesforce org itself, one row.
var Org = &Dataset{
	Name: "crm_org", Object: "Organization", Source: FromCRM, Key: []string{"Id"},
	Doc: "The Salesforce org that the contract reads.",
	Fields: []Field{
		{"Id", String, 0, NoRole, "Organization id."},
		{"Name", String, opt, NoRole, "Name of the organization."},
		{"OrganizationType", String, 0, NoRole, "Edition (R4)."},
		{"IsSandbox", Bool, 0, NoRole, "Whether it is a sandbox (R5)."},
		{"InstanceName", String, opt, NoRole, "Salesforce instance."},
		{"InstanceUrl", String, 0, NoRole, "Base address of record links."},
	},
}

// CRMObjects are the seven objects of R8, in the order in which they are read.
var CRMObjects = []*Dataset{UserRole, User, Account, Contact, Lead, Opportunity, OpportunityContactRole}
