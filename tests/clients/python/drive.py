"""Drives a run with the client that openapi-python-client makes from openapi.json."""

import os
import time

from client import Client
from client.api.runs import list_summaries, list_trials, show_run, start_run
from client.api.stacks import list_stacks
from client.api.trials import show_trial
from client.models import MetricName, NewRun, Run, RunState, StackList, SummaryList, Trial, TrialList


def expect(answer, kind):
    assert isinstance(answer, kind), answer
    return answer


with Client(base_url=os.environ["DYNO_URL"]) as daemon:
    assert expect(list_stacks.sync(client=daemon), StackList).items
    run = expect(start_run.sync(client=daemon, body=NewRun(stacks=["go-nethttp"], profile="tiny")), Run)
    while not run.finished_at:
        time.sleep(0.5)
        run = expect(show_run.sync(run.id, client=daemon), Run)
    assert run.state == RunState.SUCCEEDED, run.state
    summaries = expect(list_summaries.sync(run.id, client=daemon, metric=[MetricName.THROUGHPUT_PER_S]), SummaryList).items
    trials = expect(list_trials.sync(run.id, client=daemon), TrialList).items
    expect(show_trial.sync(trials[0].id, client=daemon), Trial)
    print(f"{summaries[0].stack}: {summaries[0].value:.0f} 1/s")
