// Drives a run with the client that oapi-codegen makes from openapi.json.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"stackdyno.test/clients/api"
)

func main() {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	client, err := api.NewClientWithResponses(os.Getenv("DYNO_URL"))
	check(err)

	stacks, err := client.ListStacksWithResponse(ctx, nil)
	check(err)
	if stacks.JSON200 == nil || len(stacks.JSON200.Items) == 0 {
		log.Fatalf("no stacks: %s", stacks.Body)
	}

	started, err := client.StartRunWithResponse(ctx, nil, api.NewRun{Profile: "tiny", Stacks: []string{"go-nethttp"}})
	check(err)
	if started.JSON202 == nil {
		log.Fatalf("not accepted: %s", started.Body)
	}
	id := started.JSON202.Id
	run := *started.JSON202
	for run.FinishedAt == nil {
		time.Sleep(500 * time.Millisecond)
		shown, err := client.ShowRunWithResponse(ctx, id)
		check(err)
		if shown.JSON200 == nil {
			log.Fatalf("no run: %s", shown.Body)
		}
		run = *shown.JSON200
	}
	if run.State != "succeeded" {
		log.Fatalf("the run %s", run.State)
	}

	metric := []api.MetricName{"throughput_per_s"}
	found, err := client.ListSummariesWithResponse(ctx, id, &api.ListSummariesParams{Metric: &metric})
	check(err)
	if found.JSON200 == nil || len(found.JSON200.Items) == 0 {
		log.Fatalf("no summaries: %s", found.Body)
	}
	trials, err := client.ListTrialsWithResponse(ctx, id, nil)
	check(err)
	if trials.JSON200 == nil || len(trials.JSON200.Items) == 0 {
		log.Fatalf("no trials: %s", trials.Body)
	}
	trial, err := client.ShowTrialWithResponse(ctx, trials.JSON200.Items[0].Id)
	check(err)
	if trial.JSON200 == nil {
		log.Fatalf("no trial: %s", trial.Body)
	}
	fmt.Printf("%s: %.0f 1/s\n", found.JSON200.Items[0].Stack, found.JSON200.Items[0].Value)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
