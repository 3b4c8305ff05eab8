#include "selected.h"

#include "index.h"
#include "watch.h"

#include <optional>
#include <vector>

namespace tarry::frontend {
namespace {

/// An entry of an index that does not keep its array alive.
struct WeakItem {
  explicit WeakItem(const Item& i) : item(i.kind() == Item::Kind::array ? Item(none) : i) {
    if (i.kind() == Item::Kind::array) array = watch(raw_cell(i.array()));
  }
  std::optional<Item> get() const {
    if (!array) return item;
    CellPointer cell = array->get();
    if (!cell) return std::nullopt;
    return Item(HandleAccess::make(std::move(cell)));
  }
  Item item;
  std::shared_ptr<Watch> array;
};

}  // namespace

struct SelectedInfo {
  std::shared_ptr<Watch> source;
  std::vector<WeakItem> items;
  Here here;
};

void DeleteSelected::operator()(SelectedInfo* info) const noexcept { delete info; }

void remember_selection(Cell& result, const Array& source, const Index& index) {
  SelectedInfo info{watch(raw_cell(source)), {}, index.here()};
  for (const Item& item : index.items()) info.items.emplace_back(item);
  result.selected.reset(new SelectedInfo(std::move(info)));
}

bool write_selected(Cell& cell, const Arg& value) {
  const SelectedInfo& info = *cell.selected;
  CellPointer source = info.source->get();
  if (!source) return false;
  std::vector<Item> items;
  for (const WeakItem& weak : info.items) {
    std::optional<Item> item = weak.get();
    if (!item) return false;
    items.push_back(std::move(*item));
  }
  Index index(std::move(items), nullptr, 0);
  set_item(HandleAccess::make(std::move(source)), index, value);
  return true;
}

void call_in_place_selected(const Ufunc& f, Cell& cell, const Arg& value) {
  const Array selected = HandleAccess::make(CellPointer::share(&cell));
  call_in_place(f, selected, value);
  write_selected(cell, Arg(selected, value.here()));
}

}  // namespace tarry::frontend
