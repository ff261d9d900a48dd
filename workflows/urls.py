"""The pages of workflows: start a run, the run itself, the list, approvals, and the report."""

from django.urls import URLPattern, URLResolver, path

from workflows.pages import acts, ending, inbox, listing, report, run, start

app_name = "workflows"

urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/", listing.runs, name="runs"),
    path("runs/new/", start.new, name="new"),
    path("runs/<int:pk>/", run.show, name="run"),
    path("runs/<int:pk>/fragment/<slug:name>", run.fragment, name="fragment"),
    path("runs/<int:pk>/ask", acts.ask, name="ask"),
    path("runs/<int:pk>/start", acts.start, name="start"),
    path("runs/<int:pk>/vote", acts.vote, name="vote"),
    path("runs/<int:pk>/confirm", acts.confirm, name="confirm"),
    path("runs/<int:pk>/retry", acts.retry, name="retry"),
    path("runs/<int:pk>/skip", acts.skip, name="skip"),
    path("runs/<int:pk>/wait", acts.wait, name="wait"),
    path("runs/<int:pk>/correct", acts.correct, name="correct"),
    path("runs/<int:pk>/vote-on-correction", acts.vote_on_correction, name="vote-on-correction"),
    path("runs/<int:pk>/pause", acts.pause, name="pause"),
    path("runs/<int:pk>/go-on", acts.go_on, name="go-on"),
    path("runs/<int:pk>/go-on-alone", acts.go_on_alone, name="go-on-alone"),
    path("runs/<int:pk>/review", acts.review, name="review"),
    path("runs/<int:pk>/rehearse", acts.rehearse, name="rehearse"),
    path("runs/<int:pk>/undo", acts.undo, name="undo"),
    path("runs/<int:pk>/it-happened", acts.it_happened, name="it-happened"),
    path("runs/<int:pk>/it-did-not", acts.it_did_not, name="it-did-not"),
    path("runs/<int:pk>/settle", acts.settle, name="settle"),
    path("runs/<int:pk>/take-over", acts.take_over, name="take-over"),
    path("runs/<int:pk>/abort/", ending.ending, name="abort"),
    path("runs/<int:pk>/report", report.show, name="report"),
    path("runs/<int:pk>/report.html", report.as_file, name="report-file"),
    path("runs/<int:pk>/report.json", report.as_json, name="report-json"),
    path("approvals/", inbox.inbox, name="approvals"),
]
