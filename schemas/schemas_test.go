package schemas

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestDefinitionsAreSound(t *testing.T) {
	names := map[string]bool{}
	for _, ds := range All {
		if names[ds.Name] {
			t.Errorf("%s is defined twice", ds.Name)
		}
		names[ds.Name] = true
		if ds.Doc == "" || len(ds.Key) == 0 {
			t.Errorf("%s lacks a doc or a key", ds.Name)
		}
		for _, k := range ds.Key {
			if i := ds.Index(k); i < 0 || ds.Fields[i].Nullable() && ds != Rejects {
				t.Errorf("%s: key field %s is missing or nullable", ds.Name, k)
			}
		}
		fields := map[string]bool{}
		for _, f := range ds.Fields {
			if fields[f.Name] {
				t.Errorf("%s.%s is defined twice", ds.Name, f.Name)
			}
			fields[f.Name] = true
			if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
				t.Errorf("%s.%s: doc %q is no sentence", ds.Name, f.Name, f.Doc)
			}
		}
	}
}

// TestImportedFieldsAreR8 holds the lists of R8 apart from the definitions, so that a field added by mistake is seen.
func TestImportedFieldsAreR8(t *testing.T) {
	r8 := map[string]string{
		"Lead":                   "Id, City, Company, ConvertedAccountId, ConvertedContactId, ConvertedDate, ConvertedOpportunityId, Country, CreatedDate, Email, FirstName, Industry, IsConverted, IsUnreadByOwner, LastActivityDate, LastName, LastReferencedDate, LastViewedDate, LeadSource, OwnerId, Phone, State, Status, Street, Title, Website, LastModifiedDate",
		"Contact":                "Id, AccountId, CreatedDate, Department, Description, Email, Fax, FirstName, LastActivityDate, LastName, LastModifiedDate, LastReferencedDate, LastViewedDate, LeadSource, MailingStreet, MailingCity, MailingCountry, MailingState, Name, Phone, Title",
		"Account":                "Id, Name, Website, AnnualRevenue, NumberOfEmployees, Phone, Industry, Type, BillingStreet, BillingCity, BillingState, BillingCountry, BillingPostalCode, CreatedDate, LastModifiedDate, OwnerId, Description, Fax, ParentId, ShippingCity, ShippingCountry, ShippingPostalCode, ShippingState, ShippingStreet, LastReferencedDate, LastViewedDate, Rating, TickerSymbol, Ownership",
		"Opportunity":            "Id, AccountId, Amount, CloseDate, CreatedDate, IsClosed, IsWon, LastActivityDate, LastReferencedDate, LastViewedDate, LeadSource, Name, OwnerId, StageName, Type, LastModifiedDate",
		"OpportunityContactRole": "Id, ContactId, IsPrimary, OpportunityId, Role, CreatedDate, LastModifiedDate",
		"User":                   "Id, Name, Department, Email, FirstName, LastName, Title, Phone, MobilePhone, IsActive, UserRoleId, CreatedDate, LastModifiedDate",
		"UserRole":               "Id, Name, ParentRoleId, LastModifiedDate",
	}
	if len(CRMObjects) != len(r8) {
		t.Errorf("%d objects, R8 has %d", len(CRMObjects), len(r8))
	}
	for _, ds := range CRMObjects {
		if got, want := ds.SOQL(""), "SELECT "+r8[ds.Object]+" FROM "+ds.Object; got != want {
			t.Errorf("%s:\n got %s\nwant %s", ds.Object, got, want)
		}
	}
	if got, want := UserRole.SOQL("Id != null"), "SELECT Id, Name, ParentRoleId, LastModifiedDate FROM UserRole WHERE Id != null"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExtendLeavesTheOriginal(t *testing.T) {
	n := len(Opportunity.Fields)
	with := Opportunity.Extend(Field{"ARR__c", Float64, Nullable, NoRole, "Revenue."}, Field{"Amount", Float64, Nullable, NoRole, "Again."})
	if len(with.Fields) != n+1 || len(Opportunity.Fields) != n {
		t.Errorf("extended to %d fields, original has %d; want %d and %d", len(with.Fields), len(Opportunity.Fields), n+1, n)
	}
}

func TestDictionaryIsUpToDate(t *testing.T) {
	var b bytes.Buffer
	if err := WriteDictionary(&b); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../docs/data-dictionary.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("docs/data-dictionary.md differs from schemas; run `make generate`")
	}
}
