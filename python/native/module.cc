// The native part of the package: what is bound where.

#include <nanobind/nanobind.h>

#include "aggregate_call.h"
#include "bill.h"
#include "check_call.h"
#include "errors.h"
#include "event_reader.h"
#include "merge_call.h"
#include "partial_maker.h"
#include "plan.h"

NB_MODULE(_native, module) {
  // Told to users at the end of their program, of objects that a daemon thread of theirs still
  // holds: not freed, but no leak. Leaks of ours are looked for by test_lifetimes.py.
  nanobind::set_leak_warnings(false);
  module.attr("__version__") = BILLING_VERSION;
  billing::python::register_errors();
  billing::python::bind_bill(module);
  billing::python::bind_aggregate(module);
  billing::python::bind_check(module);
  billing::python::bind_merge(module);
  billing::python::bind_partial_maker(module);
  billing::python::bind_plan(module);
  billing::python::bind_event_reader(module);
}
