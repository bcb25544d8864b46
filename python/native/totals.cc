#include "totals.h"

#include <nanobind/stl/string.h>

#include <cstddef>

#include "billing/money.h"
#include "billing/reject.h"
#include "errors.h"

namespace nb = nanobind;

namespace billing::python {

nb::dict dict_of(const InputTotals& totals, const std::string& unit, int digits) {
  nb::dict dict;
  dict["bytes"] = totals.bytes;
  dict["records"] = totals.records;
  dict["accepted"] = totals.accepted;
  dict["calls"] = totals.events;
  dict["rejected"] = totals.rejected_total();
  nb::dict reasons;
  for (std::size_t i = 0; i < totals.rejected.size(); ++i) {
    if (totals.rejected[i] > 0)
      reasons[str_of(reject_reason_name(static_cast<RejectReason>(i)))] = totals.rejected[i];
  }
  dict["rejected_by_reason"] = reasons;
  dict["more_reject_lines"] = totals.more_reject_lines;
  dict["broken"] = totals.broken;
  dict["filtered"] = totals.filtered;
  dict["blank"] = totals.blank;
  dict["directives"] = totals.directives;
  std::string quantity;
  append_shortest_amount(quantity, totals.accepted_quantity, digits);
  dict["quantity"] = nb::module_::import_("decimal").attr("Decimal")(quantity);
  dict["unit"] = unit;
  const bool any = totals.accepted > 0;
  dict["earliest_ns"] = any ? nb::cast(totals.earliest_ns) : nb::none();
  dict["latest_ns"] = any ? nb::cast(totals.latest_ns) : nb::none();
  return dict;
}

}  // namespace billing::python
