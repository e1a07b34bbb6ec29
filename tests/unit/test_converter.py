"""Errors become messages, whatever they hold."""

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from workerhost.code.executing.converter import bounded_data_converter


@pytest.mark.parametrize("details", [(object(),), ("\ud800",)])
def test_an_error_that_cannot_be_written_is_still_what_its_author_said(details: tuple[object, ...]) -> None:
    converter: DataConverter = bounded_data_converter(1000)
    failure = Failure()
    error = ApplicationError("no", *details, type="Refused", non_retryable=True)
    converter.failure_converter.to_failure(error, converter.payload_converter, failure)
    assert failure.message.startswith("ApplicationError, which cannot be shown")
    assert failure.application_failure_info.type == "Refused"
    assert failure.application_failure_info.non_retryable
