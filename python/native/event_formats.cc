#include "event_formats.h"

#include <string_view>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "formats/input_format.h"

namespace nb = nanobind;

namespace billing::python {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

FieldColumns columns_of(const nb::object& fields) {
  FieldColumns columns;
  if (fields.is_none()) return columns;
  if (!nb::isinstance<nb::dict>(fields))
    throw nb::type_error("fields: must be a dict of names and what they hold of a record");
  for (const auto& [name, selector] : nb::borrow<nb::dict>(fields)) {
    if (!nb::isinstance<nb::str>(name) || !nb::isinstance<nb::str>(selector))
      throw nb::type_error("fields: must map str to str");
    columns.names.push_back(nb::cast<std::string>(name));
    columns.selectors.push_back(nb::cast<std::string>(selector));
    const std::string& last = columns.names.back();
    if (!is_event_column(last) && !last.empty() && last.find('\0') == std::string::npos) continue;
    throw Error(ErrorKind::configuration,
                "\1fields: " + quoted_text(last) +
                    (is_event_column(last) ? " is a column of all events; give it another name"
                                           : " is no name of a column"));
  }
  return columns;
}

EventFormats::EventFormats(AggregateJob job, FieldColumns columns)
    : job_(std::move(job)), columns_(std::move(columns)) {}

const MediationOptions& EventFormats::choose(const InputSample& sample) {
  const ChosenFormats chosen =
      choose_formats(job_.format, 1, [&sample](std::size_t) { return sample; });
  RecordFormat format = chosen.formats.front();
  if (format.wrapper != Wrapper::none) {
    throw Error(ErrorKind::configuration,
                sample.name +
                    ": is a log of a container or of syslog, and an EventReader takes "
                    "lines as they stand");
  }
  // An input of nothing is taken for text, which has no fields.
  if (!is_blank(sample.bytes)) {
    format.kept_fields = columns_.selectors;
    job_.format.kept_quantity = format.quantity;
  }
  if (!ready_.format || !(ready_.format->settings() == format)) {
    ready_ = job_.mediation;
    ready_.format = make_input_format(format);
  }
  return ready_;
}

DecodedEvents EventFormats::no_events() const {
  DecodedEvents events;
  const QuantityRules quantity = job_.format.kept_quantity.value_or(QuantityRules());
  events.table->field_names = columns_.names;
  events.table->quantity_digits = job_.format.kept_quantity
                                      ? quantity.digits
                                      : job_.format.quantity_digits.value_or(quantity.digits);
  events.unit =
      job_.format.kept_quantity ? quantity.unit : job_.format.unit.value_or(quantity.unit);
  return events;
}

}  // namespace billing::python
