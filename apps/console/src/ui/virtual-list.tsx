"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

/**
 * A long list of which only the visible rows exist. Asks for more when its end comes near. Rows keep the given height,
 * so what one reads never moves.
 */
export function VirtualList<Item>({
  label,
  items,
  rowPx,
  keyOf,
  row,
  onEndNear,
  onScrolled,
  className,
}: {
  readonly label: string;
  readonly items: readonly Item[];
  readonly rowPx: number;
  readonly keyOf: (item: Item) => string;
  readonly row: (item: Item) => ReactNode;
  readonly onEndNear?: () => void;
  /** told whether the list stands away from its top */
  readonly onScrolled?: (away: boolean) => void;
  readonly className?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 12,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEndNear?.();
  }, [last, items.length, onEndNear]);
  return (
    <div
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={label}
      data-inset-focus=""
      className={`overflow-y-auto overscroll-contain ${className ?? ""}`}
      onScroll={(event) => onScrolled?.(event.currentTarget.scrollTop > 8)}
    >
      <ul className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {rows.map((virtualRow) => {
          const item = items[virtualRow.index];
          if (item === undefined) return null;
          return (
            <li
              key={virtualRow.key}
              aria-setsize={items.length}
              aria-posinset={virtualRow.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: rowPx, transform: `translateY(${virtualRow.start}px)` }}
            >
              {row(item)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
