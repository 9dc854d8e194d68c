// Why a request failed, in the API's own words where it gave any.

export interface Fault {
  detail: string;
  code: string;
  pointer?: string;
  file?: string;
  line?: number;
  column?: number;
  parameter?: string;
}

export interface Problem {
  title: string;
  detail: string;
  status: number; // 0: no response
  errors?: Fault[];
}

// A fault with its place, as a person would name it: file, line and column, or the field unless the sentence names it already.
export function faultText(fault: Fault): string {
  if (fault.file !== undefined && fault.file !== '') {
    const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');
    return `${place}: ${fault.detail}`;
  }
  const field = fault.parameter ?? fault.pointer?.split('/').at(-1) ?? '';
  if (field === '' || /^\d+$/.test(field) || fault.detail.includes(field)) return fault.detail;
  return `${field}: ${fault.detail}`;
}
