package salesforce_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// Example logs in and reads the accounts of an org; a fake one stands in for Salesforce.
func Example() {
	org, err := fakeforce.New(fakeforce.Options{ClientID: "key", ClientSecret: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := org.Insert("Account", map[string]any{"Name": "Example Ltd"}); err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(org)
	defer server.Close()

	client, err := salesforce.New(salesforce.Config{
		LoginURL: server.URL, Flow: salesforce.FlowClientCredentials, ClientID: "key", ClientSecret: salesforce.NewSecret("secret"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	rows, err := client.Query(context.Background(), "SELECT Name FROM Account")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows.Total, "account,", client.Usage().Total, "API call")
	// Output: 1 account, 1 API call
}
