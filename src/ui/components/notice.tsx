import type { Html } from "../answer.ts";

/** Something that the reader should know first. */
export interface NoticeText {
  readonly tone: "good" | "warn" | "bad";
  readonly text: string;
}

/** Shows it; a failure is read out at once. */
export function Notice({ notice }: { readonly notice: NoticeText }): Html {
  return (
    <p class={`notice ${notice.tone}`} role={notice.tone === "bad" ? "alert" : "status"}>
      {notice.text}
    </p>
  );
}
